// Self-join. With tables: bucket by bucket, each bucket with itself and with the larger-keyed ones in
// reach, so that a bucket's hashes share what they look at; a pair is reported by the lowest chunk that
// qualifies, so no memory of what was seen is needed. Without: a scan from each hash on.
#include <algorithm>
#include <array>
#include <limits>

#include "hamming/probe_kernels.hpp"
#include "hamming/radii.hpp"
#include "hamming/scan_kernels.hpp"
#include "hashmatch/cpu.hpp"
#include "hashmatch/hamming_pairs.hpp"

namespace hashmatch::hamming {

class PairCursor::Join {
public:
    explicit Join(Part part) : part_(std::move(part)) {}
    virtual ~Join() = default;
    virtual bool done() const = 0;
    virtual void step(PairBlock& block) = 0;
    virtual bool probing() const = 0;
    virtual int steps_a_turn() const = 0;  // about a second
    const Work& work() const { return work_; }

protected:
    const Segment& segment() const { return *part_.segment; }
    bool is_removed(std::int64_t position) const { return part_.is_removed(position); }

    void take(std::int64_t a, std::int64_t b, int distance, PairBlock& block) const {
        block.first.push_back(segment().ids[std::min(a, b)]);  // ids ascend with positions
        block.second.push_back(segment().ids[std::max(a, b)]);
        block.distances.push_back(static_cast<std::uint16_t>(distance));
    }

    Work work_;

private:
    Part part_;
};

class PairCursor::ScanJoin final : public PairCursor::Join {
public:
    ScanJoin(Part part, int max_distance) : Join(std::move(part)), max_distance_(max_distance) {}

    bool done() const override { return next_ >= segment().size(); }
    bool probing() const override { return false; }
    int steps_a_turn() const override {
        return static_cast<int>(1'000'000'000 / (segment().size() + 1) / tile_queries) + 1;
    }

    void step(PairBlock& block) override {
        const std::int64_t size = segment().size();
        const std::int64_t n = std::min<std::int64_t>(tile_queries, size - next_);
        const int words = segment().layout.words();
        queries_.resize(n * words);
        for (std::int64_t i = 0; i < n; ++i) segment().words_at(next_ + i, &queries_[i * words]);
        hits_.clear();
        const std::int64_t first = next_ / block_hashes * block_hashes;
        range_scan(segment().planes(), first, size, queries_.data(), n, {max_distance_, false, 0},
                   hits_);
        work_.scanned += n * (size - first);
        for (const Hit& hit : hits_) {
            const std::int64_t own = next_ + hit.query;
            if (hit.position <= own || is_removed(own) || is_removed(hit.position)) continue;
            take(own, hit.position, hit.distance, block);
        }
        next_ += n;
    }

private:
    int max_distance_;
    std::int64_t next_ = 0;
    std::vector<std::uint64_t> queries_;
    std::vector<Hit> hits_;
};

class PairCursor::BucketJoin final : public PairCursor::Join {
public:
    BucketJoin(Part part, int max_distance, const Radii& radii)
        : Join(std::move(part)),
          max_distance_(max_distance),
          radii_(radii),
          shape_(segment().tables.shape),
          masks_(masks_of(shape_.key_bits)),
          kernels_(probe_kernels_for(cpu::active())),
          words_(segment().layout.words()),
          query_(words_),
          other_(words_),
          spread_(words_) {
        seek();
    }

    bool done() const override { return chunk_ >= shape_.chunks; }
    bool probing() const override { return true; }
    int steps_a_turn() const override { return 200'000; }

    // One hash of the current bucket against its neighbourhood.
    void step(PairBlock& block) override {
        const std::uint32_t own = own_[member_];
        const std::uint32_t position = own & shape_.position_mask();
        segment().words_at(position, query_.data());
        const std::uint32_t extra = own & ~shape_.position_mask();
        for (Bucket& bucket : around_) bucket.extra = extra;
        around_[0].entries = own_.data() + member_ + 1;
        around_[0].size = static_cast<std::uint32_t>(own_.size() - member_ - 1);
        std::int64_t entries = 0;
        for (const Bucket& bucket : around_) entries += bucket.size;
        const auto room = static_cast<std::size_t>(entries + narrow_slack);
        if (positions_.size() < room) positions_.resize(room);
        const std::int64_t n = kernels_.narrow(around_.data(), static_cast<std::int64_t>(around_.size()),
                                               shape_.position_bits, positions_.data());
        if (hits_.size() < static_cast<std::size_t>(n)) hits_.resize(n);
        const std::int64_t found = kernels_.verify(segment().planes(), query_.data(), positions_.data(),
                                                   n, max_distance_, 0, hits_.data());
        work_.entries += entries;
        work_.verified += n;
        if (found > 0 && !is_removed(position)) {
            for (std::int64_t h = 0; h < found; ++h) report(position, hits_[h], block);
        }
        ++member_;
        seek();
    }

private:
    // Moves on to the next hash that has something to be compared with.
    void seek() {
        while (chunk_ < shape_.chunks) {
            if (member_ < own_.size()) return;
            if (radii_[chunk_] < 0 || bucket_ >= shape_.buckets()) {
                ++chunk_;
                bucket_ = 0;
                continue;
            }
            open(static_cast<std::uint32_t>(bucket_++));
        }
    }

    // Copies a bucket and those with larger keys in its reach, by distance of the key: together they are
    // read once for each of its hashes.
    void open(std::uint32_t key) {
        const std::uint32_t* directory = segment().tables.directory_of(chunk_);
        const std::uint32_t* entries = segment().tables.entries_of(chunk_, segment().size());
        own_.assign(entries + directory[key], entries + directory[key + 1]);
        member_ = 0;
        if (own_.empty()) return;
        const int radius = radii_[chunk_];
        neighbours_.clear();
        std::array<std::size_t, max_key_radius + 2> ends{};
        for (int weight = 1; weight <= radius; ++weight) {
            for (std::int64_t m = masks_.first[weight]; m < masks_.first[weight + 1]; ++m) {
                const std::uint32_t at = key ^ masks_.masks[m];
                if (at < key) continue;
                ++work_.probes;
                neighbours_.insert(neighbours_.end(), entries + directory[at],
                                   entries + directory[at + 1]);
            }
            ends[weight] = neighbours_.size();
        }
        const int with_next = radius + radii_[shape_.next(chunk_)] + 1;
        around_.resize(static_cast<std::size_t>(radius) + 1);
        for (int weight = 0; weight <= radius; ++weight) {
            Bucket& bucket = around_[weight];
            bucket = {nullptr, 0, 0, shape_.own_mask(chunk_), radius - weight, with_next - weight};
            if (weight == 0) continue;  // its own bucket: what follows the hash whose turn it is
            bucket.entries = neighbours_.data() + ends[weight - 1];
            bucket.size = static_cast<std::uint32_t>(ends[weight] - ends[weight - 1]);
        }
    }

    void report(std::uint32_t position, const Hit& hit, PairBlock& block) {
        if (is_removed(hit.position)) return;
        segment().words_at(hit.position, other_.data());
        for (int w = 0; w < words_; ++w) other_[w] ^= query_[w];
        segment().layout.spread(other_.data(), spread_.data());
        for (int c = 0; c < chunk_; ++c) {
            if (shape_.meets(spread_.data(), c, radii_)) return;
        }
        take(position, hit.position, hit.distance, block);
    }

    int max_distance_;
    Radii radii_;
    TableShape shape_;
    const Masks& masks_;
    const ProbeKernels& kernels_;
    int words_;
    std::vector<std::uint64_t> query_;
    std::vector<std::uint64_t> other_;
    std::vector<std::uint64_t> spread_;
    int chunk_ = 0;
    std::int64_t bucket_ = 0;
    std::size_t member_ = 0;
    std::vector<std::uint32_t> own_;
    std::vector<std::uint32_t> neighbours_;
    std::vector<Bucket> around_;
    std::vector<std::uint32_t> positions_;
    std::vector<Hit> hits_;
};

namespace {

// What an average hash of the base meets in each chunk's buckets.
std::array<ChunkLoad, max_chunks> average_loads(const Segment& segment) {
    const TableShape& shape = segment.tables.shape;
    std::array<ChunkLoad, max_chunks> loads{};
    const auto size = static_cast<double>(segment.size());
    for (int c = 0; c < shape.chunks; ++c) {
        const std::uint32_t* directory = segment.tables.directory_of(c);
        const auto count = [directory](std::uint32_t key) {
            return static_cast<double>(directory[key + 1] - directory[key]);
        };
        double own = 0;
        double around = 0;
        for (std::int64_t b = 0; b < shape.buckets(); ++b) {
            const auto key = static_cast<std::uint32_t>(b);
            const double here = count(key);
            if (here == 0) continue;
            own += here * here;
            for (int bit = 0; bit < shape.key_bits; ++bit) {
                around += here * count(key ^ (std::uint32_t{1} << bit));
            }
        }
        loads[c] = {own / size, around / size};
    }
    return loads;
}

// Both directions of a pair are one comparison, and a bucket's hashes share its probes.
Costs join_costs(Costs costs, const TableShape& shape, std::int64_t size) {
    const double members =
        std::max(1.0, static_cast<double>(size) / static_cast<double>(shape.buckets()));
    costs.probe /= 2 * members;
    costs.entry /= 2;
    costs.verify /= 2;
    return costs;
}

Part whole(const Snapshot& snapshot) {
    const bool one = snapshot.parts.size() == 1 && !snapshot.parts.front().segment->tables.empty();
    const bool small =
        snapshot.parts.size() == 1 && best_shape(snapshot.layout.bits(), snapshot.size()).chunks == 0;
    if (one || small) return snapshot.parts.front();
    return {merged(snapshot.layout, snapshot.parts, true), nullptr};
}

}  // namespace

PairCursor::PairCursor(const Snapshot& snapshot, int max_distance) {
    Part part = whole(snapshot);
    const Segment& segment = *part.segment;
    const TableShape& shape = segment.tables.shape;
    const Costs costs = costs_of(cpu::active(), segment.size());
    if (coverable(shape, max_distance)) {
        const Probing probing = choose_radii(shape, segment.size(), max_distance, average_loads(segment),
                                             join_costs(costs, shape, segment.size()));
        const double scan_ns =
            scan_cost(costs, segment.size() / 2, segment.layout.words(), max_distance, tile_queries);
        if (probing.ns < scan_ns) {
            join_ = std::make_unique<BucketJoin>(std::move(part), max_distance, probing.radii);
            return;
        }
    }
    join_ = std::make_unique<ScanJoin>(std::move(part), max_distance);
}

PairCursor::~PairCursor() = default;

bool PairCursor::advance(std::int64_t wanted, PairBlock& block) {
    for (int steps = 0; steps < join_->steps_a_turn(); ++steps) {
        if (join_->done() || block.size() >= wanted) return true;
        join_->step(block);
    }
    return join_->done();
}

bool PairCursor::probing() const {
    return join_->probing();
}

const Work& PairCursor::work() const {
    return join_->work();
}

}  // namespace hashmatch::hamming
