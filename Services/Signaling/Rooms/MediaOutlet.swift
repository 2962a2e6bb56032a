import ParleyProtocol
import Synchronization
import WebSockets

/// Takes what the media half says to a participant to its socket, and keeps it while there is none.
final class MediaOutlet: Sendable {
    fileprivate struct State {
        var connection: WebSocketConnection?
        /// What is in each slot of the receiving connection now.
        var slots: [String: SlotContent] = [:]
        /// An offer that has not been answered.
        var offer: ServerMessage.MediaOffer?
        /// A loss that the client has not been told of.
        var lostDelay: Int?
        var publication: Publication
        var source = 0
    }

    /// Whether media arrives at the media node, and how often they have begun to.
    struct Publication: Hashable, Sendable {
        var isRunning = false
        var number: Int
    }

    /// Which of a seat's media objects an event is from. Only the latest one is listened to.
    typealias Source = Int

    private let state: Mutex<State>
    /// Called when `publication` has changed.
    private let publicationChanged: @Sendable () -> Void

    /// - Parameter publications: how often the participant has begun to publish before, at any node.
    init(publications: Int = 0, publicationChanged: @escaping @Sendable () -> Void) {
        state = Mutex(State(publication: Publication(number: publications)))
        self.publicationChanged = publicationChanged
    }

    var publication: Publication { state.withLock { $0.publication } }

    /// The source whose events are listened to until `reset`.
    var source: Source { state.withLock { $0.source } }

    /// Takes an event of a media object, unless the object was left meanwhile.
    func handle(_ event: MediaEvent, from source: Source) {
        let changed = state.withLock { state in
            guard state.source == source else { return false }
            let before = state.publication
            state.take(event)
            return state.publication != before
        }
        if changed { publicationChanged() }
    }

    /// The media are gone, or nobody here controls them: the client builds its connections anew.
    func lose() {
        state.withLock { $0.take(.lost(delayMilliseconds: Int.random(in: 0...1_500))) }
    }

    /// The client has answered the offer.
    func answered() {
        state.withLock { $0.offer = nil }
    }

    /// From now on to this socket, which is first told what it missed.
    func attach(_ connection: WebSocketConnection) {
        state.withLock { state in
            state.connection = connection
            if let delay = state.lostDelay { connection.send(.mediaLost(.init(delay: delay))) }
            if let offer = state.offer { connection.send(.mediaOffer(offer)) }
            let slots = state.slots.values.sorted { $0.mid < $1.mid }
            if !slots.isEmpty { connection.send(.mediaSlots(.init(slots: slots))) }
            state.lostDelay = nil
        }
    }

    func detach() {
        state.withLock { $0.connection = nil }
    }

    /// The connections that it told of do not exist any more, and what their media object still says is not heard.
    func reset() {
        let changed = state.withLock { state in
            let publication = state.publication
            state = State(
                connection: state.connection, publication: Publication(number: publication.number),
                source: state.source + 1)
            return publication.isRunning
        }
        if changed { publicationChanged() }
    }
}

extension MediaOutlet.State {
    fileprivate mutating func take(_ event: MediaEvent) {
        switch event {
        case .publishing(let isRunning):
            publication.isRunning = isRunning
            if isRunning { publication.number += 1 }
        case .offer(let offer):
            self.offer = offer
            slots = [:]
            connection?.send(.mediaOffer(offer))
        case .slots(let slots):
            for slot in slots { self.slots[slot.mid] = slot }
            connection?.send(.mediaSlots(.init(slots: slots)))
        case .lost(let delay):
            offer = nil
            slots = [:]
            lostDelay = connection == nil ? delay : nil
            connection?.send(.mediaLost(.init(delay: delay)))
        }
    }
}
