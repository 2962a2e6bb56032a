import ParleyProtocol
import Synchronization
import WebSockets

/// Takes what the media half says to a participant to its socket, and keeps it while there is none.
final class MediaOutlet: Sendable {
    private struct State {
        var connection: WebSocketConnection?
        /// What is in each slot of the receiving connection now.
        var slots: [String: SlotContent] = [:]
        /// An offer that has not been answered.
        var offer: ServerMessage.MediaOffer?
        /// A loss that the client has not been told of.
        var lostDelay: Int?
        var isPublishing = false
    }

    private let state = Mutex(State())
    /// Called when `isPublishing` has changed.
    private let publishingChanged: @Sendable () -> Void

    init(publishingChanged: @escaping @Sendable () -> Void) {
        self.publishingChanged = publishingChanged
    }

    var isPublishing: Bool { state.withLock { $0.isPublishing } }

    func handle(_ event: MediaEvent) {
        switch event {
        case .publishing(let isPublishing):
            let changed = state.withLock { state in
                defer { state.isPublishing = isPublishing }
                return state.isPublishing != isPublishing
            }
            if changed { publishingChanged() }
        case .offer(let offer):
            state.withLock { state in
                state.offer = offer
                state.slots = [:]
                state.connection?.send(.mediaOffer(offer))
            }
        case .slots(let slots):
            state.withLock { state in
                for slot in slots { state.slots[slot.mid] = slot }
                state.connection?.send(.mediaSlots(.init(slots: slots)))
            }
        case .lost(let delay):
            state.withLock { state in
                state.offer = nil
                state.slots = [:]
                state.lostDelay = state.connection == nil ? delay : nil
                state.connection?.send(.mediaLost(.init(delay: delay)))
            }
        }
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

    /// The connections that it told of do not exist any more.
    func reset() {
        let changed = state.withLock { state in
            let changed = state.isPublishing
            state = State(connection: state.connection)
            return changed
        }
        if changed { publishingChanged() }
    }
}
