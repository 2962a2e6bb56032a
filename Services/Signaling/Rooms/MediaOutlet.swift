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
        /// A loss after which the client has not begun anew. It may not have heard of it: its socket may have been dead.
        var lostDelay: Int?
        var publication: Publication
        var handles: MediaHandles?
        var source = 0

        /// What others may have to know.
        var news: News { News(publication: publication, handles: handles) }
    }

    fileprivate struct News: Hashable {
        var publication: Publication
        var handles: MediaHandles?
    }

    /// Whether media arrives at the media node, and how often they have begun to.
    struct Publication: Hashable, Sendable {
        var isRunning = false
        var number: Int
    }

    /// Which of a seat's media objects an event is from. Only the latest one is listened to.
    typealias Source = Int

    private let state: Mutex<State>
    /// Called when `publication` or `handles` have changed.
    private let changed: @Sendable () -> Void

    /// - Parameters:
    ///   - publishing: whether media of the participant arrive that are to be adopted.
    ///   - publications: how often the participant has begun to publish before, at any node.
    ///   - handles: what is to be adopted.
    init(
        publishing: Bool = false, publications: Int = 0, handles: MediaHandles? = nil,
        changed: @escaping @Sendable () -> Void
    ) {
        let publication = Publication(isRunning: publishing, number: publications)
        state = Mutex(State(publication: publication, handles: handles))
        self.changed = changed
    }

    var publication: Publication { state.withLock { $0.publication } }

    /// What another signaling node would need to take the media over.
    var handles: MediaHandles? { state.withLock { $0.handles } }

    /// The source whose events are listened to until `reset`.
    var source: Source { state.withLock { $0.source } }

    /// Takes an event of a media object, unless the object was left meanwhile.
    func handle(_ event: MediaEvent, from source: Source) {
        change { state in
            if state.source == source { state.take(event) }
        }
    }

    /// The media are gone, or nobody here controls them: the client builds its connections anew.
    /// - Parameter people: how many are in the meeting, if they all lose their media now.
    func lose(people: Int = 1) {
        change { state in
            state.publication.isRunning = false
            state.handles = nil
            state.take(.lost(people: people))
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let isNew = state.withLock { state in
            let before = state.news
            body(&state)
            return state.news != before
        }
        if isNew { changed() }
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
        }
    }

    func detach() {
        state.withLock { $0.connection = nil }
    }

    /// The connections that it told of do not exist any more, and what their media object still says is not heard.
    func reset() {
        change { state in
            state = State(
                connection: state.connection, publication: Publication(number: state.publication.number),
                source: state.source + 1)
        }
    }
}

extension MediaOutlet.State {
    fileprivate mutating func take(_ event: MediaEvent) {
        switch event {
        case .publishing(let isRunning):
            // Media that were taken over have their number.
            if isRunning, !publication.isRunning { publication.number += 1 }
            publication.isRunning = isRunning
        case .handles(let handles):
            self.handles = handles
            if handles != nil { lostDelay = nil }
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
            lostDelay = delay
            connection?.send(.mediaLost(.init(delay: delay)))
        }
    }
}
