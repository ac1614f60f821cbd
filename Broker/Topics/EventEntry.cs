using System.Runtime.InteropServices;

namespace Rookery.Broker;

/// <summary>What a topic holds in memory of an event: 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct EventEntry
{
    private const uint AliveBit = 1u << 31;
    private const uint LifetimeBit = 1u << 30;
    private const uint SizeMask = LifetimeBit - 1;

    private uint _timeLow;
    private uint _bits;

    /// <summary>Slot, in the frame directory, of the frame with the payload.</summary>
    public int Slot;

    /// <summary>Subscriptions that have not settled it.</summary>
    public ushort Needed;

    /// <summary>Larger goes first.</summary>
    public sbyte Priority;

    private byte _timeHigh;

    public EventEntry(long timeStep, int size, int slot, ushort needed, sbyte priority, bool hasLifetime)
    {
        TimeStep = timeStep;
        _bits = AliveBit | (hasLifetime ? LifetimeBit : 0) | (uint)size;
        (Slot, Needed, Priority) = (slot, needed, priority);
    }

    /// <summary>Time of publishing after its chunk's base, in ms; 40 bits, 34 years.</summary>
    public long TimeStep
    {
        readonly get => ((long)_timeHigh << 32) | _timeLow;
        set
        {
            var step = Math.Clamp(value, 0, (1L << 40) - 1);
            (_timeLow, _timeHigh) = ((uint)step, (byte)(step >> 32));
        }
    }

    /// <summary>Bytes of its record.</summary>
    public int Size
    {
        readonly get => (int)(_bits & SizeMask);
        set => _bits = (_bits & ~SizeMask) | (uint)value;
    }

    /// <summary>Whether the topic still has it.</summary>
    public readonly bool IsAlive => (_bits & AliveBit) != 0;

    /// <summary>Whether its life is limited.</summary>
    public readonly bool HasLifetime => (_bits & LifetimeBit) != 0;

    /// <summary>Ends it; its time remains.</summary>
    public void Die() => _bits &= ~AliveBit;
}
