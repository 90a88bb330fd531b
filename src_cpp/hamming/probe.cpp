#include "hamming/probe.hpp"

#include <algorithm>

#include "hamming/costs.hpp"
#include "hamming/masks.hpp"

namespace hashmatch::hamming {
namespace {

// Buckets collected before they are narrowed down: enough memory requests in flight to hide their
// latency, few enough to stay in L2.
constexpr std::size_t batch = 2048;

// Hashes compared between two looks at the budget: only then is known how many of them were hits.
constexpr std::int64_t verified_at_once = 512;

class Probe {
public:
    Probe(const Segment& segment, const std::uint64_t* packed, int max_distance, std::int32_t query,
          double budget_ns, ProbeRoom& room, std::vector<Hit>& hits, Work& work)
        : segment_(segment),
          packed_(packed),
          max_distance_(max_distance),
          query_(query),
          budget_ns_(budget_ns),
          room_(room),
          hits_(hits),
          work_(work),
          kernels_(probe_kernels_for(cpu::active())),
          costs_(costs_of(cpu::active(), segment.size())) {}

    bool run(const Plan& plan, const std::uint64_t* spread) {
        const TableShape& shape = segment_.tables.shape;
        const Masks& masks = masks_of(shape.key_bits);
        room_.buckets.clear();
        room_.met.clear();
        prefetch_directories(plan, spread, masks);
        for (int c = 0; c < shape.chunks; ++c) {
            const int radius = plan.radii[c];
            const std::uint32_t value = shape.value(spread, c);
            const std::uint32_t key = shape.key(value);
            const std::uint32_t extra = shape.extra(value);
            const std::uint32_t own_mask = shape.own_mask(c);
            const int with_next = radius + plan.radii[shape.next(c)] + 1;
            const std::uint32_t* directory = segment_.tables.directory_of(c);
            const std::uint32_t* entries = segment_.tables.entries_of(c, segment_.size());
            for (int weight = 0; weight <= radius; ++weight) {
                for (std::int64_t m = masks.first[weight]; m < masks.first[weight + 1]; ++m) {
                    const std::uint32_t at = key ^ masks.masks[m];
                    const std::uint32_t first = directory[at];
                    const std::uint32_t size = directory[at + 1] - first;
                    ++work_.probes;
                    if (size == 0) continue;
                    room_.buckets.push_back(
                        {entries + first, size, extra, own_mask, radius - weight, with_next - weight});
                    __builtin_prefetch(entries + first);
                    __builtin_prefetch(entries + first + size - 1);
                    pending_ += size;
                    if (room_.buckets.size() == batch && !finish_batch()) return false;
                }
            }
        }
        return finish_batch();
    }

private:
    // Small radii reach few lines, which the plan has read; of large ones all are asked for here, chunk
    // by chunk as far as that is useful.
    void prefetch_directories(const Plan& plan, const std::uint64_t* spread, const Masks& masks) {
        const TableShape& shape = segment_.tables.shape;
        std::int64_t left = static_cast<std::int64_t>(batch);
        for (int c = 0; c < shape.chunks && left > 0; ++c) {
            if (plan.radii[c] < 2) continue;
            const std::uint32_t key = shape.key(shape.value(spread, c));
            const std::uint32_t* directory = segment_.tables.directory_of(c);
            const std::int64_t end = std::min(masks.within(plan.radii[c]), masks.first[2] + left);
            for (std::int64_t m = masks.first[2]; m < end; ++m) {
                __builtin_prefetch(directory + (key ^ masks.masks[m]));
            }
            left -= end - masks.first[2];
        }
    }

    bool finish_batch() {
        work_.entries += pending_;
        if (spent() > budget_ns_) return false;
        const auto room = static_cast<std::size_t>(pending_ + narrow_slack);
        if (room_.positions.size() < room) room_.positions.resize(room);
        const std::int64_t n =
            kernels_.narrow(room_.buckets.data(), static_cast<std::int64_t>(room_.buckets.size()),
                            segment_.tables.shape.position_bits, room_.positions.data());
        room_.buckets.clear();
        pending_ = 0;
        for (std::int64_t first = 0; first < n; first += verified_at_once) {
            verify(room_.positions.data() + first, std::min(n - first, verified_at_once));
            if (spent() > budget_ns_) return false;
        }
        return true;
    }

    void verify(const std::uint32_t* positions, std::int64_t n) {
        if (room_.hits.size() < static_cast<std::size_t>(n)) room_.hits.resize(n);
        const std::int64_t found = kernels_.verify(segment_.planes(), packed_, positions, n,
                                                   max_distance_, query_, room_.hits.data());
        work_.verified += n;
        found_ += found;
        for (std::int64_t h = 0; h < found; ++h) {
            const Hit& hit = room_.hits[h];
            if (room_.met.insert(static_cast<std::uint32_t>(hit.position))) hits_.push_back(hit);
        }
    }

    double spent() const {
        return static_cast<double>(work_.probes) * costs_.probe +
               static_cast<double>(work_.entries) * costs_.entry +
               static_cast<double>(work_.verified - found_) * costs_.verify;
    }

    const Segment& segment_;
    const std::uint64_t* packed_;
    int max_distance_;
    std::int32_t query_;
    double budget_ns_;
    ProbeRoom& room_;
    std::vector<Hit>& hits_;
    Work& work_;
    const ProbeKernels& kernels_;
    Costs costs_;
    std::int64_t pending_ = 0;
    std::int64_t found_ = 0;
};

}  // namespace

bool probe(const Segment& segment, const Plan& plan, const std::uint64_t* packed,
           const std::uint64_t* spread, int max_distance, std::int32_t query, double budget_ns,
           ProbeRoom& room, std::vector<Hit>& hits, Work& work) {
    const std::size_t before = hits.size();
    Work own;
    const bool finished =
        Probe(segment, packed, max_distance, query, budget_ns, room, hits, own).run(plan, spread);
    work.add(own);
    if (!finished) hits.resize(before);
    return finished;
}

}  // namespace hashmatch::hamming
