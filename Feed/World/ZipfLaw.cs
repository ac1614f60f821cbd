namespace Rookery.Feed;

/// <summary>
/// Ranks 0 to n−1 with probability falling as rank^−s: few are frequent, many are rare.
/// The inverse of the continuous distribution function, F⁻¹(u) = (1 + u·(n^(1−s) − 1))^(1/(1−s)); for s = 1, n^u.
/// </summary>
internal readonly struct ZipfLaw
{
    private readonly int _count;
    private readonly double _power;
    private readonly double _span;

    public ZipfLaw(int count, double exponent)
    {
        _count = count;
        _power = 1 - exponent;
        _span = _power == 0 ? Math.Log(count + 1.0) : Math.Pow(count + 1.0, _power) - 1;
    }

    public int Rank(double uniform)
    {
        var rank = _power == 0 ? Math.Exp(uniform * _span) : Math.Pow(1 + (uniform * _span), 1 / _power);
        return Math.Min((int)rank - 1, _count - 1);
    }
}
