#include "image_hash/dct.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace hashmatch::picture {
namespace {

struct Complex {
    double re;
    double im;
};

/// exp(2 pi i k / n) for k up to n / 2, with the last bits that SciPy's tables have: the angle is
/// brought into an octant, and a value is the product of a coarse and a fine one.
class Circle {
public:
    explicit Circle(int n)
        : n_(n), eighth_(static_cast<double>(0.25L * std::numbers::pi_v<long double> / n)) {
        while ((1 << bits_) * (1 << bits_) < (n + 2) / 2) ++bits_;
    }

    Complex at(int k) const {
        const Complex fine = direct(k & ((1 << bits_) - 1));
        const Complex coarse = direct(k >> bits_ << bits_);
        return {fine.re * coarse.re - fine.im * coarse.im, fine.re * coarse.im + fine.im * coarse.re};
    }

private:
    /// Of angles up to half a turn.
    Complex direct(int k) const {
        const int octants = 8 * k;
        const bool second = octants >= 2 * n_;
        const int x = second ? octants - 2 * n_ : octants;
        const bool near = x < n_;  // to the axis that the quadrant starts from
        const double angle = (near ? x : 2 * n_ - x) * eighth_;
        const double along = near ? std::cos(angle) : std::sin(angle);
        const double away = near ? std::sin(angle) : std::cos(angle);
        if (second) return {-away, along};
        return {along, away};
    }

    int n_;
    double eighth_;
    int bits_ = 1;
};

// Halfcomplex input in[length][radix][groups], output out[length][groups][radix], first index fastest.
struct View {
    double* out;
    const double* in;
    int length;
    int groups;
    int radix;

    double from(int i, int part, int group) const { return in[i + length * (part + radix * group)]; }
    double& to(int i, int group, int part) const { return out[i + length * (group + groups * part)]; }
};

// (re, im) turned by the conjugate of a twiddle, as the backward transform stores it.
void turn(const View& view, int i, int group, int part, const double* twiddle, double re, double im) {
    view.to(i, group, part) = twiddle[0] * im + twiddle[1] * re;
    view.to(i - 1, group, part) = twiddle[0] * re - twiddle[1] * im;
}

void pass2(const View& view, const double* twiddles) {
    const int n = view.length;
    for (int g = 0; g < view.groups; ++g) {
        view.to(0, g, 0) = view.from(0, 0, g) + view.from(n - 1, 1, g);
        view.to(0, g, 1) = view.from(0, 0, g) - view.from(n - 1, 1, g);
        if (n % 2 == 0) {
            view.to(n - 1, g, 0) = 2 * view.from(n - 1, 0, g);
            view.to(n - 1, g, 1) = -2 * view.from(0, 1, g);
        }
        for (int i = 2; i < n; i += 2) {
            const int mirrored = n - i;
            const double re = view.from(i - 1, 0, g) - view.from(mirrored - 1, 1, g);
            const double im = view.from(i, 0, g) + view.from(mirrored, 1, g);
            view.to(i - 1, g, 0) = view.from(i - 1, 0, g) + view.from(mirrored - 1, 1, g);
            view.to(i, g, 0) = view.from(i, 0, g) - view.from(mirrored, 1, g);
            turn(view, i, g, 1, twiddles + i - 2, re, im);
        }
    }
}

void pass4(const View& view, const double* twiddles) {
    const int n = view.length;
    constexpr double root = std::numbers::sqrt2;
    for (int g = 0; g < view.groups; ++g) {
        {
            const double sum = view.from(0, 0, g) + view.from(n - 1, 3, g);
            const double gap = view.from(0, 0, g) - view.from(n - 1, 3, g);
            const double real = 2 * view.from(n - 1, 1, g);
            const double imaginary = 2 * view.from(0, 2, g);
            view.to(0, g, 0) = sum + real;
            view.to(0, g, 2) = sum - real;
            view.to(0, g, 3) = gap + imaginary;
            view.to(0, g, 1) = gap - imaginary;
        }
        if (n % 2 == 0) {
            const double im_sum = view.from(0, 3, g) + view.from(0, 1, g);
            const double im_gap = view.from(0, 3, g) - view.from(0, 1, g);
            const double re_sum = view.from(n - 1, 0, g) + view.from(n - 1, 2, g);
            const double re_gap = view.from(n - 1, 0, g) - view.from(n - 1, 2, g);
            view.to(n - 1, g, 0) = re_sum + re_sum;
            view.to(n - 1, g, 1) = root * (re_gap - im_sum);
            view.to(n - 1, g, 2) = im_gap + im_gap;
            view.to(n - 1, g, 3) = -root * (re_gap + im_sum);
        }
        for (int i = 2; i < n; i += 2) {
            const int m = n - i;
            const double re_03_sum = view.from(i - 1, 0, g) + view.from(m - 1, 3, g);
            const double re_03_gap = view.from(i - 1, 0, g) - view.from(m - 1, 3, g);
            const double im_03_sum = view.from(i, 0, g) + view.from(m, 3, g);
            const double im_03_gap = view.from(i, 0, g) - view.from(m, 3, g);
            const double im_21_sum = view.from(i, 2, g) + view.from(m, 1, g);
            const double im_21_gap = view.from(i, 2, g) - view.from(m, 1, g);
            const double re_21_sum = view.from(i - 1, 2, g) + view.from(m - 1, 1, g);
            const double re_21_gap = view.from(i - 1, 2, g) - view.from(m - 1, 1, g);
            view.to(i - 1, g, 0) = re_03_sum + re_21_sum;
            view.to(i, g, 0) = im_03_gap + im_21_gap;
            const double* row = twiddles + i - 2;
            turn(view, i, g, 1, row, re_03_gap - im_21_sum, im_03_sum + re_21_gap);
            turn(view, i, g, 2, row + (n - 1), re_03_sum - re_21_sum, im_03_gap - im_21_gap);
            turn(view, i, g, 3, row + 2 * (n - 1), re_03_gap + im_21_sum, im_03_sum - re_21_gap);
        }
    }
}

std::vector<double> twiddles_of(int radix, int groups, int length, int n) {
    const Circle circle(n);
    std::vector<double> twiddles((radix - 1) * (length - 1), 0.0);
    for (int part = 1; part < radix; ++part) {
        for (int i = 1; i <= (length - 1) / 2; ++i) {
            double* at = &twiddles[(part - 1) * (length - 1) + 2 * i - 2];
            const Complex value = circle.at(part * groups * i);
            at[0] = value.re;
            at[1] = value.im;
        }
    }
    return twiddles;
}

}  // namespace

Dct::Dct(int n) : n_(n) {
    int groups = 1;
    while (groups < n) {
        int power = 0;
        while ((1 << power) < n / groups) ++power;
        const int radix = power % 2 == 1 ? 2 : 4;
        const int length = n / (groups * radix);
        passes_.push_back({radix, groups, length, twiddles_of(radix, groups, length, n)});
        groups *= radix;
    }
    const Circle circle(4 * n);
    for (int i = 0; i + 1 < n; ++i) quarter_.push_back(circle.at(i + 1).re);
}

void Dct::run(double* values, double* scratch) const {
    values[0] *= 2;
    values[n_ - 1] *= 2;
    for (int k = 1; k < n_ - 1; k += 2) {
        const double next = values[k + 1];
        values[k + 1] = next - values[k];
        values[k] = values[k] + next;
    }
    double* from = values;
    double* to = scratch;
    for (const Pass& pass : passes_) {
        const View view{to, from, pass.length, pass.groups, pass.radix};
        (pass.radix == 2 ? pass2 : pass4)(view, pass.twiddles.data());
        std::swap(from, to);
    }
    if (from != values) {
        for (int k = 0; k < n_; ++k) values[k] = from[k];
    }
    const int half = n_ / 2;
    for (int k = 1; k < half; ++k) {
        const int mirrored = n_ - k;
        const double a = quarter_[k - 1];
        const double b = quarter_[mirrored - 1];
        const double sum = a * values[mirrored] + b * values[k];
        const double gap = a * values[k] - b * values[mirrored];
        values[k] = 0.5 * (sum + gap);
        values[mirrored] = 0.5 * (sum - gap);
    }
    values[half] *= quarter_[half - 1];
}

}  // namespace hashmatch::picture
