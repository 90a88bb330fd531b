// Arrays of an index: written once, then shared read-only, whether they live on the heap or in a file
// that somebody mapped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace hashmatch {

/// Uninitialised room for `bytes`, aligned to a cache line; from a few megabytes on aligned to 2 MiB and
/// offered to the system for huge pages, since random access to small pages misses the TLB each time.
/// Throws std::bad_alloc.
std::shared_ptr<void> allocate(std::size_t bytes);

/// A read-only array and whatever keeps its memory alive.
template <typename T>
class Run {
public:
    Run() = default;
    Run(const T* data, std::int64_t size, std::shared_ptr<const void> owner)
        : data_(data), size_(size), owner_(std::move(owner)) {}

    const T* data() const { return data_; }
    std::int64_t size() const { return size_; }
    std::int64_t bytes() const { return size_ * static_cast<std::int64_t>(sizeof(T)); }
    const T& operator[](std::int64_t i) const { return data_[i]; }
    const T* begin() const { return data_; }
    const T* end() const { return data_ + size_; }
    const std::shared_ptr<const void>& owner() const { return owner_; }

private:
    const T* data_ = nullptr;
    std::int64_t size_ = 0;
    std::shared_ptr<const void> owner_;
};

/// The same array while it is being written.
template <typename T>
class Buffer {
public:
    explicit Buffer(std::int64_t size)
        : memory_(allocate(static_cast<std::size_t>(size) * sizeof(T))), size_(size) {}

    T* data() { return static_cast<T*>(memory_.get()); }
    std::int64_t size() const { return size_; }
    T& operator[](std::int64_t i) { return data()[i]; }
    Run<T> freeze() && {
        const T* const data = this->data();  // before the memory is moved from
        return Run<T>(data, size_, std::move(memory_));
    }

private:
    std::shared_ptr<void> memory_;
    std::int64_t size_;
};

}  // namespace hashmatch
