"""The arithmetic coder: bits at a probability, symbols at an interval; what predicts is none of its business.

``RangeEncoder`` and ``RangeDecoder`` are the native coder; :mod:`nzip.coder.reference` is the same coder to
be read. Both give the same bytes.

>>> from nzip.coder import RangeDecoder, RangeEncoder
>>> encoder = RangeEncoder(capacity=100)
>>> encoder.encode_symbol(cumulative=10, frequency=5, total_log2=24)  # 5 / 2^24: 21.7 bits
>>> encoder.encode_bit(1, p1=1 << 31)  # even odds: one bit
>>> coded = encoder.finish()
>>> len(coded)
3
>>> decoder = RangeDecoder(coded)
>>> 10 <= decoder.peek(24) < 15
True
>>> decoder.consume(cumulative=10, frequency=5, total_log2=24)
>>> decoder.decode_bit(p1=1 << 31)
1
"""

from nzip._native import RangeDecoder, RangeEncoder

__all__ = ["RangeDecoder", "RangeEncoder"]
