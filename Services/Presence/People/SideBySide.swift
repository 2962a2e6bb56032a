extension Array {
    /// The elements in up to `count` lines, which may be worked on side by side.
    func split(into count: Int) -> [[Element]] {
        (0..<Swift.min(count, self.count)).map { first in
            stride(from: first, to: self.count, by: count).map { self[$0] }
        }
    }
}
