import Foundation
import ParleyProtocol

/// Options as they are kept, read so that one value of a newer release does not make the whole room unreadable.
///
/// What is not understood counts as the strictest that is known.
struct StoredOptions: Decodable, Sendable, Equatable {
    enum Key: String, CodingKey, CaseIterable, Sendable {
        case everyoneModerates, muteOnJoining, lobby, waitForModerator, screenSharing, chat, keepChat
    }

    private(set) var options = RoomOptions()
    /// Those whose values are not understood.
    private(set) var unknown: Set<Key> = []

    private static let strictest = RoomOptions(
        everyoneModerates: false, muteOnJoining: true, lobby: .everyone, waitForModerator: true,
        screenSharing: .moderators, chat: .moderators, keepChat: false)

    init(json: String) {
        self = (try? JSONDecoder().decode(Self.self, from: Data(json.utf8))) ?? Self(options: Self.strictest)
    }

    private init(options: RoomOptions) {
        self.options = options
        unknown = Set(Key.allCases)
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        read(.everyoneModerates, \.everyoneModerates, values)
        read(.muteOnJoining, \.muteOnJoining, values)
        read(.lobby, \.lobby, values)
        read(.waitForModerator, \.waitForModerator, values)
        read(.screenSharing, \.screenSharing, values)
        read(.chat, \.chat, values)
        read(.keepChat, \.keepChat, values)
    }

    private mutating func read<Value: Decodable>(
        _ key: Key, _ option: WritableKeyPath<RoomOptions, Value>, _ values: KeyedDecodingContainer<Key>
    ) {
        do {
            if let value = try values.decodeIfPresent(Value.self, forKey: key) { options[keyPath: option] = value }
        } catch {
            options[keyPath: option] = Self.strictest[keyPath: option]
            unknown.insert(key)
        }
    }

    /// Those that an edit leaves as they are kept: they are not understood, and the editor has left them as they were shown.
    func untouched(by edited: RoomOptions) -> [String] {
        unknown.filter { isSame($0, edited) }.map(\.rawValue)
    }

    private func isSame(_ key: Key, _ other: RoomOptions) -> Bool {
        switch key {
        case .everyoneModerates: options.everyoneModerates == other.everyoneModerates
        case .muteOnJoining: options.muteOnJoining == other.muteOnJoining
        case .lobby: options.lobby == other.lobby
        case .waitForModerator: options.waitForModerator == other.waitForModerator
        case .screenSharing: options.screenSharing == other.screenSharing
        case .chat: options.chat == other.chat
        case .keepChat: options.keepChat == other.keepChat
        }
    }
}
