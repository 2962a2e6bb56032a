import ParleyProtocol
import WebSockets

/// What one process knows of an organization, and who of it listens here. Behind the lock of `OrganizationStream`.
struct StreamState: Sendable {
    struct Member: Sendable {
        var connection: WebSocketConnection
        /// Absent for a telephone system.
        var account: AccountID?
    }

    /// Changes that are kept for who comes back, and that may wait for a repair.
    static let maximumKept = 512

    /// Nothing before the first snapshot.
    private(set) var position: PeoplePosition?
    /// JSON of who is more than offline.
    private(set) var views: [AccountID: [UInt8]] = [:]
    private(set) var members: [ObjectIdentifier: Member] = [:]
    /// Whether changes are missing, so that those that come wait.
    var needsRepair = false
    /// Of whom what they set is another, and their sockets must be told.
    var changedOwn: Set<AccountID> = []
    /// Grows whenever somebody may have set something.
    private(set) var ownNotices = 0
    /// The last changes, in order without gaps, the newest at `position`.
    private var recent: [StreamChange] = []
    private var held: [StreamChange] = []
    /// Shared by those who come after each other, who are told what has changed since.
    private var snapshotFrame: (position: PeoplePosition, bytes: WebSocketFrameBytes)?
    /// Changes after which a new one is made.
    private static let maximumBehind = 50

    // MARK: Sockets

    /// Sends the welcome and what the client doesn't know, and from now on each change.
    ///
    /// - Parameters:
    ///   - own: what the person has set, read after `ownNotices` was `notices`.
    ///   - known: up to where the client knows everything.
    /// - Returns: whether it could be told from the last changes.
    mutating func add(_ member: Member, own: OwnPresence?, notices: Int, known: PeoplePosition?) -> Bool {
        members[ObjectIdentifier(member.connection)] = member
        // Somebody has set something meanwhile, perhaps this person.
        if let account = member.account, notices != ownNotices { changedOwn.insert(account) }
        guard let position else { return false }
        let welcome = PresenceServerMessage.Welcome(epoch: position.epoch, seq: position.seq, own: own)
        member.connection.send(.welcome(welcome))
        if let known, let missed = changes(after: known) {
            for change in missed { member.connection.send(text: StreamFrames.changed(change)) }
            return true
        }
        let (frame, since) = frame(of: position)
        member.connection.send(frame)
        for change in since { member.connection.send(text: StreamFrames.changed(change)) }
        return false
    }

    mutating func remove(_ connection: WebSocketConnection) {
        members[ObjectIdentifier(connection)] = nil
    }

    /// - Returns: nil when they are not known so far back.
    private func changes(after known: PeoplePosition) -> ArraySlice<StreamChange>? {
        guard let position, known.epoch == position.epoch, known.seq <= position.seq else { return nil }
        let missed = recent.drop { $0.position.seq <= known.seq }
        return missed.count == position.seq - known.seq ? missed : nil
    }

    // MARK: Changes

    /// A change from the channel.
    mutating func receive(_ change: StreamChange) {
        guard !needsRepair, let position else { return hold(change) }
        guard change.position.epoch == position.epoch else { return miss(change) }
        if change.position.seq <= position.seq { return }
        guard change.position.seq == position.seq + 1 else { return miss(change) }
        apply(change)
    }

    /// What the log has after `position`; goes on with what has come meanwhile.
    mutating func fill(_ missed: [StreamChange]) {
        needsRepair = false
        let waiting = held
        held = []
        for change in missed + waiting { receive(change) }
    }

    /// Begins anew, for all who listen.
    ///
    /// - Parameters:
    ///   - asked: the position when it was asked for.
    ///   - recent: the last changes up to the snapshot, in order without gaps.
    mutating func adopt(_ snapshot: PeopleSnapshot, asked: PeoplePosition?, recent: [StreamChange] = []) {
        let position = PeoplePosition(epoch: snapshot.epoch, seq: snapshot.seq)
        // What has come meanwhile may have told more already.
        if self.position != asked, !needsRepair, self.position?.isAt(orAfter: position) == true { return }
        if self.position?.epoch != position.epoch { expectOwn() }
        self.position = position
        views = Dictionary(snapshot.views.map { ($0.account, $0.json) }) { $1 }
        self.recent = recent
        snapshotFrame = nil
        needsRepair = false
        if !members.isEmpty {
            WebSocketConnection.broadcast(frame(of: position).bytes, to: members.values.map(\.connection))
        }
        let waiting = held
        held = []
        // What belongs to another log is over, or a later look finds that there is a newer one.
        for change in waiting where change.position.epoch == position.epoch { receive(change) }
    }

    /// Somebody has set something.
    ///
    /// - Returns: whether they listen here.
    mutating func noteOwn(_ account: AccountID) -> Bool {
        ownNotices += 1
        guard members.values.contains(where: { $0.account == account }) else { return false }
        changedOwn.insert(account)
        return true
    }

    /// Something about what people set may not have been heard.
    mutating func expectOwn() {
        ownNotices += 1
        changedOwn = Set(members.values.compactMap(\.account))
    }

    private mutating func miss(_ change: StreamChange) {
        needsRepair = true
        hold(change)
    }

    private mutating func hold(_ change: StreamChange) {
        if held.count >= Self.maximumKept { held = [] }
        held.append(change)
    }

    private mutating func apply(_ change: StreamChange) {
        position = change.position
        views[change.account] = change.isHidden ? nil : change.view
        recent.append(change)
        // In one go, so that not every change moves all others.
        if recent.count >= 2 * Self.maximumKept { recent.removeFirst(Self.maximumKept) }
        guard !members.isEmpty else { return }
        WebSocketConnection.broadcast(
            WebSocketFrameBytes(text: StreamFrames.changed(change)), to: members.values.lazy.map(\.connection))
        PresenceMetrics.delivered(to: members.count)
    }

    /// A snapshot, and what has changed since.
    private mutating func frame(of position: PeoplePosition) -> (bytes: WebSocketFrameBytes, ArraySlice<StreamChange>) {
        if let snapshotFrame, let since = changes(after: snapshotFrame.position), since.count <= Self.maximumBehind {
            return (snapshotFrame.bytes, since)
        }
        let bytes = WebSocketFrameBytes(text: StreamFrames.snapshot(position, views: views.values))
        snapshotFrame = (position, bytes)
        return (bytes, [])
    }
}

extension PeoplePosition {
    fileprivate func isAt(orAfter other: PeoplePosition) -> Bool { epoch == other.epoch && seq >= other.seq }
}
