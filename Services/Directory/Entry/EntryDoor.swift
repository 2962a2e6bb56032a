import ParleyProtocol

/// What somebody who stands before a room may learn of it without or with a PIN. Pure.
///
/// Rooms are not found by trying: to a guest without the right PIN, an unknown alias, a room with a PIN, and a room that has expired or
/// belongs to a disabled organization are the same. An alias that was made here, of chance, can't be tried, so who has it is told.
/// People who have signed in are known and counted, and get exact answers.
enum EntryDoor: Sendable {
    /// Nothing stands in the way.
    case open(Room)
    /// Right is only the PIN of this room; of none when there is no such room, or it does not let anybody in.
    case pin(Room?)
    /// Nothing to be learned but that there is no such room.
    case nowhere
    case expired

    init(_ room: Room?, for account: AccessClaims?) {
        guard let room, !room.isClosed else {
            self = account == nil ? .pin(nil) : .nowhere
            return
        }
        if room.isManaged(by: account) {
            self = room.age == .expired ? .expired : .open(room)
        } else if room.age == .expired, account != nil || room.hasSecretAlias {
            self = .expired
        } else if room.sealedPIN != nil {
            self = .pin(room)
        } else {
            self = room.age == .expired ? .pin(nil) : .open(room)
        }
    }
}

extension Room {
    /// What somebody is who comes in. That everybody moderates is for signaling to see to, after they were let in.
    func role(of account: AccessClaims?) -> Role {
        isManaged(by: account) ? .moderator : .participant
    }

    /// How somebody would come in now. Signaling decides when the person is there.
    /// - Parameter running: what signaling says of the running meeting; nothing when none runs or it can't be asked.
    func admission(of account: AccessClaims?, running: RunningRoom?) -> Admission {
        guard role(of: account) != .moderator else { return .direct }
        if running?.locked ?? isLocked { return .locked }
        switch options.lobby {
        case .everyone: return .lobby
        case .guests where account?.organization != organization: return .lobby
        case .guests, .nobody: break
        }
        return options.waitForModerator && running?.moderated != true ? .moderator : .direct
    }
}
