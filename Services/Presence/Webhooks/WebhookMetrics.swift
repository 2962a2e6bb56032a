import Metrics

/// What an operator can watch of webhooks.
enum WebhookMetrics {
    enum Outcome: String {
        case delivered
        /// It is tried again.
        case failed
        case dead
    }

    static func attempted(_ outcome: Outcome) {
        Counter(
            label: "presence_webhook_deliveries_total", dimensions: [("outcome", outcome.rawValue)]
        ).increment()
    }

    static func counted(waiting: Int, dead: Int) {
        Gauge(label: "presence_webhook_waiting").record(waiting)
        Gauge(label: "presence_webhook_dead_letters").record(dead)
    }
}
