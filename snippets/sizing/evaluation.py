"""Intervals, sample sizes and chances: how sure may you be of a score?

z is the quantile of the normal distribution: 1.96 for 95 % on both sides,
0.8416 for a power of 80 %.
"""

from snippets.sizing.symbolic import ceil_div, sqrt


def standard_error(rate, samples):
    """√(p(1 − p)/n). 80 % on 500 tasks: 1.8 points (arXiv:2411.00640, section
    2).
    """
    return sqrt(rate * (1 - rate) / samples)


def interval_half_width(rate, samples, z):
    """Half the normal interval. 80 % of SWE-bench Verified's 500 at 95 %: 3.5
    points.
    """
    return z * sqrt(rate * (1 - rate) / samples)


def wilson_lower(rate, samples, z):
    """Wilson's interval holds at small samples and rates near 0 or 1 (JASA 22,
    1927).

    9 of 10 at 95 %: 59.6 % to 98.2 %.
    """
    return (
        rate
        + z**2 / (2 * samples)
        - z * sqrt(rate * (1 - rate) / samples + z**2 / (4 * samples**2))
    ) / (1 + z**2 / samples)


def wilson_upper(rate, samples, z):
    """The other end. 9 of 10 at 95 %: 98.2 %."""
    return (
        rate
        + z**2 / (2 * samples)
        + z * sqrt(rate * (1 - rate) / samples + z**2 / (4 * samples**2))
    ) / (1 + z**2 / samples)


def sample_size_mean(rate, half_width, z):
    """Answers needed to know a rate within ± half_width. 50 % within 5 points
    at 95 %: 385.
    """
    return ceil_div(z**2 * rate * (1 - rate), half_width**2)


def sample_size_difference(rate_a, rate_b, z_level, z_power):
    """Answers for each of two systems, unpaired, to see the difference of
    their rates.

    80 % against 82 % at 95 % and power 80 %: 6,036 each. Paired answers to the
    same questions need fewer.
    """
    return ceil_div(
        (z_level + z_power) ** 2
        * (rate_a * (1 - rate_a) + rate_b * (1 - rate_b)),
        (rate_a - rate_b) ** 2,
    )


def sample_size_paired(disagreement, difference, z_level, z_power):
    """The same on paired answers, from how often the systems disagree and by
    how much they differ (McNemar, normal approximation).

    They disagree on 10 % and differ by 2 points: 1,955.
    """
    return ceil_div(
        (z_level + z_power) ** 2 * (disagreement - difference**2),
        difference**2,
    )


def clustered_standard_error(
    standard_error, cluster_size, intraclass_correlation
):
    """Questions in groups (a passage each) are not independent: multiply by
    √(1 + (m − 1)ρ) (Kish's design effect).

    1 point, groups of 10, correlation 0.2: 1.67 points.
    """
    return standard_error * sqrt(
        1 + (cluster_size - 1) * intraclass_correlation
    )


def all_succeed(rate, trials):
    """Reliability: the chance that all of k trials succeed, pass^k
    (arXiv:2406.12045). 0.9 and 8: 43 %.
    """
    return rate**trials


def any_succeeds(rate, trials):
    """The chance that at least one of k trials succeeds, pass@k of a known
    rate. 0.3 and 5: 83.2 %.
    """
    return 1 - (1 - rate) ** trials


def positive_predictive_value(base_rate, sensitivity, specificity):
    """How many of the flagged are right. A 95/95 classifier at a base rate of
    1 %: 16.1 %.
    """
    return (
        base_rate
        * sensitivity
        / (base_rate * sensitivity + (1 - base_rate) * (1 - specificity))
    )


def cohen_kappa(observed, expected):
    """Agreement beyond chance. 85 % observed, 50 % by chance: 0.7."""
    return (observed - expected) / (1 - expected)


def zero_failures_bound(samples, alpha):
    """Upper bound of a rate that was never seen in n trials, exact: 1 −
    α^(1/n). 0 of 300 at 95 %: 1 %.
    """
    return 1 - alpha ** (1 / samples)
