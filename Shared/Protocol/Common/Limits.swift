/// Every limit that more than one part of Parley must agree on. The browser client's copy is held against this by a test.
public enum Limits {
    /// Places in a room. The next person is told that the room is full.
    public static let seats = 50

    // MARK: Texts, in characters (grapheme clusters) unless said otherwise

    public static let displayName = 1...60
    public static let roomName = 1...80
    public static let roomAlias = 3...64
    public static let roomDescription = 0...2_000
    /// Digits; leading zeros count.
    public static let pin = 4...10
    /// Digits of a PIN made by the server.
    public static let generatedPIN = 6
    public static let chatText = 1...2_000
    /// What a person writes beside their presence.
    public static let presenceText = 1...100
    /// What a telephone system's token or webhook is called.
    public static let readTokenName = 1...80
    /// Bytes of UTF-8, because a character may have any number of them.
    public static let chatTextBytes = 8_000
    public static let userName = 1...128
    /// Bytes of UTF-8.
    public static let passwordBytes = 1...1_024
    public static let ucsid = 1...64
    public static let email = 3...254
    /// What an organization may demand of new passwords, in characters. NIST SP 800-63B-4 wants 15 where the password is the only
    /// factor; less is the organization's own decision.
    public static let passwordMinimum = 8...64
    public static let usualPasswordMinimum = 15
    /// Bytes; pages make pictures smaller before they send them.
    public static let picture = 48 * 1_024
    /// Pixels of either side of a picture.
    public static let pictureSide = 16...1_024

    // MARK: Times, in seconds

    /// "Stay logged in": absolute, from the moment of sign-in.
    public static let persistentSession = 24 * 60 * 60
    /// Without it the session ends with the browser, and after this time at the latest.
    public static let browserSession = 12 * 60 * 60
    public static let accessToken = 5 * 60
    /// A one-time password opens an account for so long.
    public static let oneTimePassword = 24 * 60 * 60
    /// An offered second factor must be taken up within this time.
    public static let enrollment = 10 * 60
    /// A browser that somebody has signed in at is known for so long.
    public static let knownDevice = 180 * 24 * 60 * 60
    public static let ticket = 60
    public static let serviceToken = 60
    /// A room that nobody used for so long becomes unavailable.
    public static let roomAgeDays = 90
    /// From then on its owner is warned.
    public static let roomWarningDays = 76
    /// How often signaling tells directory who is inside, at least.
    public static let attendanceReport = 60
    /// How long a seat is kept for somebody whose socket broke.
    public static let resumeGrace = 30
    /// A seat is a lease of this length, renewed every `seatRenewal`: the seats of a node that died are kept as long as those
    /// of a person who vanished, and not longer.
    public static let seatLease = resumeGrace + seatRenewal
    public static let seatRenewal = 5
    /// Who stands in line for a seat and is not heard of for so long has gone.
    public static let lineLease = 15
    /// Chat is kept for so long after the last use of a room, unless the operator says otherwise.
    public static let chatRetention = 24 * 60 * 60
    /// The first message must have come by then.
    public static let hello = 5
    public static let ping = 10
    /// A socket that has sent nothing for so long is dead.
    public static let pingTimeout = 20
    /// A meeting and a device count for so long after their last sign; others see it end within 45.
    public static let presenceLease = 40
    /// Who has not touched their device for so long is seen as inactive.
    public static let inactivity = 5 * 60

    // MARK: Sizes, in bytes

    /// A frame of a browser. Only messages with SDP may be larger than `message`.
    public static let frame = 256 * 1_024
    public static let message = 16 * 1_024
    public static let sdp = 200 * 1_024
    /// What may wait for one socket before it is closed as slow.
    public static let socketBudget = 256 * 1_024
    public static let requestBody = 64 * 1_024
    /// Chat messages, as JSON, that somebody who comes late is shown: with the roster they leave room for the events that
    /// follow a welcome in the budget of its socket.
    public static let chatHistoryBytes = 96 * 1_024

    // MARK: Counts

    /// Chat messages that somebody who comes late is shown.
    public static let chatHistory = 200
    /// People who stand in line for a seat of one room. Who comes then is refused.
    public static let line = 100
    /// People who wait in the lobby of one room. Who comes then is refused.
    public static let lobby = 100
    public static let roomsPerOwner = 500
    /// Of one room.
    public static let deputies = 20
    /// Of one room, those that are over included; the oldest of these go first.
    public static let appointmentsPerRoom = 200
    /// One of them takes so long at most.
    public static let appointmentHours = 24
    /// In which an appointment, or the first of its series, may begin.
    public static let appointmentYears = 2_000...2_099
    /// Times that a series may have.
    public static let occurrences = 730
    /// Of one appointment or invitation.
    public static let invitees = 100
    /// Recipients to whom an account may send invitations in a day.
    public static let mailsPerDay = 1_000
    public static let organizationAliases = 20
    /// With which telephone systems read presence, of one organization.
    public static let readTokens = 20
    /// Changes of presence in one message to a webhook.
    public static let webhookEvents = 100
    /// People in one part of a snapshot for a webhook.
    public static let webhookItems = 2_000
    /// Kept of one webhook; the oldest go first.
    public static let deadLetters = 1_000
    public static let deadLetterDays = 30
    public static let signInDomains = 20
    /// Of one account at a time; the oldest ends when there are more.
    public static let sessionsPerAccount = 50
    public static let recoveryCodes = 10
    /// Entrances beside local accounts, of one organization.
    public static let signInConnections = 10
    /// Sockets on which a client tries to come in with one key.
    public static let enteringAttempts = 1...1_000_000
    /// Events that a room's log keeps.
    public static let eventLog = 512
    /// Media slots of one participant: what it can see and hear at once.
    public static let screenSlots = 2
    public static let videoSlots = 12
    public static let audioSlots = 49
    /// Open sockets of one client address at one signaling node: an office behind one address, with several tabs each.
    public static let socketsPerAddress = 200
}
