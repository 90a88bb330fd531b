// The unnormalised DCT-II in float64, rounded as SciPy rounds it.
//
// A picture that mirrors onto itself has coefficients that are zero but for rounding, and then the
// median of a phash lies among them: its bits are the rounding. So the transform takes the same
// operations in the same order as SciPy's (pocketfft, since SciPy 1.4): the samples are folded for a
// real backward FFT of the same length, which runs in radix-4 passes with one radix-2 pass first where
// the length is no power of four, and the result is rotated by quarter-wave twiddles.
//
// Source  P. N. Swarztrauber, "Vectorizing the FFTs", 1982 (FFTPACK, public domain); J. Makhoul, "A fast
//         cosine transform in one and two dimensions", 1980. Checked against SciPy to the last bit in
//         tests/hashing/test_phash.py.
#pragma once

#include <vector>

namespace hashmatch::picture {

class Dct {
public:
    /// n: a power of two from 16 on.
    explicit Dct(int n);

    int size() const { return n_; }

    /// values[k] becomes 2 * sum over j of values[j] * cos(pi * k * (2j + 1) / 2n). scratch: n doubles.
    void run(double* values, double* scratch) const;

private:
    struct Pass {
        int radix;
        int groups;                    // transforms that earlier passes have split off
        int length;                    // samples of each of them that this pass keeps together
        std::vector<double> twiddles;  // (cos, sin) pairs, radix - 1 rows of (length - 1) / 2
    };

    int n_;
    std::vector<Pass> passes_;
    std::vector<double> quarter_;  // cos(pi * (i + 1) / 2n)
};

}  // namespace hashmatch::picture
