import Glibc

/// One WebSocket to a server on this machine. Text that arrives is handed on where it lies in the read buffer, uncopied.
final class Link {
    /// What becomes of a link. Called from `Poller.turn` only.
    struct Events {
        var opened: () -> Void
        /// A text or binary frame, and its size on the wire with its header.
        var received: (_ payload: UnsafeRawBufferPointer, _ wireBytes: Int) -> Void
        var closed: (_ why: String) -> Void
    }

    let descriptor: Int32
    private let poller: Poller
    private let request: [UInt8]
    private var events: Events?
    private var isUpgraded = false
    private var isConnected = false
    /// The beginning of a frame whose end has not come yet.
    private var rest: [UInt8] = []
    /// What the kernel did not take yet.
    private var waiting: [UInt8] = []
    private(set) var receivedBytes = 0
    private(set) var receivedFrames = 0

    init(port: UInt16, request: [UInt8], poller: Poller, events: Events) throws {
        self.poller = poller
        self.request = request
        self.events = events
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw Poller.Failure(description: "socket: \(errno)") }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 || errno == EINPROGRESS else { throw Poller.Failure(description: "connect: \(errno)") }
        try poller.add(self)
    }

    /// Sends a frame's bytes, at once if the kernel takes them.
    func send(_ bytes: [UInt8]) {
        guard events != nil else { return }
        if !waiting.isEmpty {
            waiting += bytes
            return
        }
        let written = write(bytes)
        if written < 0, errno != EAGAIN { return end("write: \(errno)") }
        if written < bytes.count {
            waiting = Array(bytes[max(0, written)...])
            poller.watch(self, wantsToWrite: true)
        }
    }

    private func write(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    func end(_ why: String) {
        guard let events else { return }
        self.events = nil
        poller.remove(self)
        close(descriptor)
        events.closed(why)
    }

    func writable() {
        guard events != nil else { return }
        if !isConnected {
            isConnected = true
            waiting = request
        }
        let written = write(waiting)
        if written < 0, errno != EAGAIN { return end("write: \(errno)") }
        waiting.removeFirst(max(0, written))
        if waiting.isEmpty { poller.watch(self, wantsToWrite: false) }
    }

    func readable() {
        guard events != nil else { return }
        let kept = rest.count
        let buffer = poller.buffer
        rest.withUnsafeBytes { buffer.copyMemory(from: $0) }
        let count = recv(descriptor, buffer.baseAddress.map { $0 + kept }, buffer.count - kept, 0)
        if count < 0, errno == EAGAIN { return }
        guard count > 0 else { return end(count == 0 ? "the server ended the connection" : "read: \(errno)") }
        receivedBytes += count
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<(kept + count)])
        let used = isUpgraded ? frames(bytes) : upgrade(bytes)
        rest = used == bytes.count ? [] : Array(bytes[used...])
    }

    /// Reads the answer to the upgrade request and what comes behind it. Returns how many bytes were used.
    private func upgrade(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let end = Marks.end(of: "\r\n\r\n", in: bytes) else { return 0 }
        guard Marks.end(of: "HTTP/1.1 101", in: bytes) == 12 else {
            self.end("no upgrade: \(String(decoding: bytes.prefix(200), as: UTF8.self))")
            return bytes.count
        }
        isUpgraded = true
        events?.opened()
        return end + frames(UnsafeRawBufferPointer(rebasing: bytes[end...]))
    }

    private func frames(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        while let frame = ServerFrame(UnsafeRawBufferPointer(rebasing: bytes[used...])) {
            used += frame.wireBytes
            switch frame.opcode {
            case 0, 1, 2:
                receivedFrames += 1
                events?.received(frame.payload, frame.wireBytes)
            case 8: end("closed: \(frame.closeReason)")
            case 9: send(ClientFrame.bytes(opcode: 10, Array(frame.payload)))
            default: break
            }
            if events == nil { return bytes.count }
        }
        return used
    }
}
