/// Where a channel is subscribed: always with the owner of its slot, or on the way there.
struct RedisChannelPlace: Equatable {
    enum State: Equatable {
        case nowhere
        /// The question has this number, so that a late answer is told from the answer to another one.
        case asked(RedisNode, number: Int)
        case listening(RedisNode)
    }

    /// What is to be said to the nodes.
    struct Step: Equatable {
        /// `SUNSUBSCRIBE`, if there is a connection.
        var leave: RedisNode?
        /// `SSUBSCRIBE`.
        var ask: RedisNode?
        /// Of the question.
        var number = 0
    }

    private(set) var state = State.nowhere
    private var questions = 0
    private var questionsInVain = 0

    /// The node that is asked or listened to.
    var node: RedisNode? {
        switch state {
        case .nowhere: nil
        case .asked(let node, _), .listening(let node): node
        }
    }

    /// The nodes do not agree on who owns the slot: better ask slowly.
    var isLost: Bool { questionsInVain > RedisRouter.longestWay }

    func isListening(to node: RedisNode) -> Bool { state == .listening(node) }

    /// - Parameter owner: of the slot, to which there is a connection.
    mutating func move(to owner: RedisNode) -> Step {
        guard owner != node else { return Step() }
        let old = node
        questions += 1
        state = .asked(owner, number: questions)
        return Step(leave: old, ask: owner, number: questions)
    }

    /// - Returns: whether this was the question that is open.
    mutating func answered(_ number: Int, confirms: Bool) -> Bool {
        guard case .asked(let node, number) = state else { return false }
        state = confirms ? .listening(node) : .nowhere
        questionsInVain = confirms ? 0 : questionsInVain + 1
        return true
    }

    /// The node has ended the subscription by itself, or is the one that has just been left.
    ///
    /// - Returns: whether nobody listens now who should.
    mutating func dropped(by node: RedisNode) -> Bool {
        guard state == .listening(node) else { return false }
        state = .nowhere
        return true
    }

    /// The connection to the node is gone.
    mutating func lost(_ node: RedisNode) {
        if self.node == node { state = .nowhere }
    }
}
