import CEpoll
import Glibc

/// One thread's sockets. It asks the kernel which can be read or written, and reads all of them into one buffer: a load
/// generator that spent more on a message than the server under test would measure itself.
final class Poller {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let eventsAtOnce = 512

    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: eventsAtOnce)
    /// What was read last. Shared by all links, as only one is read at a time; a frame must fit.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    /// By descriptor, which the kernel keeps small.
    private var links: [Link?] = []

    init() throws {
        descriptor = epoll_create1(0)
        guard descriptor >= 0 else { throw Failure(description: "epoll_create1: \(errno)") }
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    func add(_ link: Link) throws {
        let index = Int(link.descriptor)
        if index >= links.count { links.append(contentsOf: repeatElement(nil, count: index + 1 - links.count)) }
        links[index] = link
        try control(EPOLL_CTL_ADD, link, wantsToWrite: true)
    }

    func watch(_ link: Link, wantsToWrite: Bool) {
        try? control(EPOLL_CTL_MOD, link, wantsToWrite: wantsToWrite)
    }

    func remove(_ link: Link) {
        try? control(EPOLL_CTL_DEL, link, wantsToWrite: false)
        links[Int(link.descriptor)] = nil
    }

    /// Waits for at most so many milliseconds and serves what has come.
    func turn(milliseconds: Int32) {
        let count = epoll_wait(descriptor, &events, Int32(events.count), milliseconds)
        guard count > 0 else { return }
        for event in events[..<Int(count)] {
            // A link that was removed in this turn is not told of it any more.
            guard let link = links[Int(event.data.fd)] else { continue }
            if event.events & EPOLLOUT.rawValue != 0 { link.writable() }
            if event.events & ~EPOLLOUT.rawValue != 0 { link.readable() }
        }
    }

    private func control(_ operation: Int32, _ link: Link, wantsToWrite: Bool) throws {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (wantsToWrite ? EPOLLOUT.rawValue : 0)
        event.data.fd = link.descriptor
        guard epoll_ctl(descriptor, operation, link.descriptor, &event) == 0 else {
            throw Failure(description: "epoll_ctl: \(errno)")
        }
    }
}
