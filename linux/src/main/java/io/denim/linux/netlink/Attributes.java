package io.denim.linux.netlink;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.ObjIntConsumer;

/**
 * A view of received octets: a fixed header, then attributes. Reading beyond the end is a {@link
 * MalformedMessageException}, never anything else. Where a type stands twice, the last one counts,
 * as in the kernel.
 */
public final class Attributes {
  private static final int TYPE_MASK = 0x3fff;
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] data;
  private final int start;
  private final int header;
  private final int end;

  private Attributes(byte[] data, int start, int header, int end) {
    this.data = data;
    this.start = start;
    this.header = header;
    this.end = end;
  }

  /**
   * A view of {@code data[start, end)} whose first {@code header} octets are a fixed header.
   *
   * @throws MalformedMessageException when the header does not fit
   */
  public static Attributes of(byte[] data, int start, int header, int end) {
    if (start < 0 || end > data.length || end - start < header) {
      throw new MalformedMessageException(
          "expected a header of " + header + " octets, got " + (end - start));
    }
    return new Attributes(data, start, header, end);
  }

  private int checked(int offset, int octets) {
    if (offset < 0 || offset + octets > end - start) {
      throw new MalformedMessageException(
          octets + " octets at offset " + offset + " do not fit in " + (end - start));
    }
    return start + offset;
  }

  /** One octet of the header, unsigned. */
  public int headerU8(int offset) {
    return data[checked(offset, 1)] & 0xff;
  }

  /** Two octets of the header in host order, unsigned. */
  public int headerU16(int offset) {
    return (short) SHORT.get(data, checked(offset, 2)) & 0xffff;
  }

  /** Four octets of the header in host order. */
  public int headerU32(int offset) {
    return (int) INT.get(data, checked(offset, 4));
  }

  /**
   * Calls with each attribute, in order: the view of its value (without a header), and its type.
   */
  public void forEach(ObjIntConsumer<Attributes> body) {
    int at = start + header;
    while (end - at >= 4) {
      int length = (short) SHORT.get(data, at) & 0xffff;
      if (length < 4 || length > end - at) {
        throw new MalformedMessageException(
            "an attribute of length " + length + " in " + (end - at));
      }
      int type = (short) SHORT.get(data, at + 2) & TYPE_MASK;
      body.accept(new Attributes(data, at + 4, 0, at + length), type);
      at += (length + 3) & ~3;
    }
  }

  /** The value of an attribute; empty when there is none of this type. */
  public Optional<Attributes> get(int type) {
    int found = -1;
    int foundEnd = -1;
    int at = start + header;
    while (end - at >= 4) {
      int length = (short) SHORT.get(data, at) & 0xffff;
      if (length < 4 || length > end - at) {
        throw new MalformedMessageException(
            "an attribute of length " + length + " in " + (end - at));
      }
      if (((short) SHORT.get(data, at + 2) & TYPE_MASK) == type) {
        found = at + 4;
        foundEnd = at + length;
      }
      at += (length + 3) & ~3;
    }
    return found < 0 ? Optional.empty() : Optional.of(new Attributes(data, found, 0, foundEnd));
  }

  /**
   * What follows the first {@code offset} octets, seen as a header of this many octets and
   * attributes.
   */
  Attributes slice(int offset, int octets) {
    return of(data, start + offset, octets, end);
  }

  /** This value without its first octets. */
  public Attributes slice(int offset) {
    return of(data, start + offset, 0, end);
  }

  /** Octets of this view. */
  public int length() {
    return end - start;
  }

  /** This value as one octet, unsigned. */
  public int u8() {
    return headerU8(0);
  }

  /** This value as two octets in host order, unsigned. */
  public int u16() {
    return headerU16(0);
  }

  /** This value as four octets in host order. */
  public int u32() {
    return headerU32(0);
  }

  /** This value as eight octets in host order. */
  public long u64() {
    return (long) LONG.get(data, checked(0, 8));
  }

  /** This value as two octets in network order, unsigned. */
  public int be16() {
    return Short.reverseBytes((short) u16()) & 0xffff;
  }

  /** This value as four octets in network order. */
  public int be32() {
    return Integer.reverseBytes(u32());
  }

  /** This value as a text; what follows a NUL is no part of it. */
  public String string() {
    int stop = start;
    while (stop < end && data[stop] != 0) {
      stop++;
    }
    return new String(data, start, stop - start, StandardCharsets.UTF_8);
  }

  /** This value as an address of 4 or 16 octets. */
  public IpAddress address() {
    return switch (length()) {
      case 4 -> IpAddress.v4(be32());
      case 16 ->
          IpAddress.v6(
              Long.reverseBytes((long) LONG.get(data, start)),
              Long.reverseBytes((long) LONG.get(data, start + 8)));
      default -> throw new MalformedMessageException("an address of " + length() + " octets");
    };
  }

  /** This value as the address of a prefix of this length; host bits are dropped. */
  public Cidr cidr(int length) {
    IpAddress address = address();
    if (length > address.family().bits()) {
      throw new MalformedMessageException("a prefix " + address + "/" + length);
    }
    return Cidr.of(address, length);
  }

  /** This value as a hardware address; empty unless it has six octets. */
  public Optional<MacAddress> mac() {
    return length() == 6 ? Optional.of(MacAddress.ofBytes(bytes())) : Optional.empty();
  }

  /** This value's octets, a new array. */
  public byte[] bytes() {
    return Arrays.copyOfRange(data, start, end);
  }

  /** {@link #u32()} of an attribute, or the given number when it is absent. */
  public int u32(int type, int absent) {
    return get(type).map(Attributes::u32).orElse(absent);
  }

  /** {@link #u8()} of an attribute, or the given number when it is absent. */
  public int u8(int type, int absent) {
    return get(type).map(Attributes::u8).orElse(absent);
  }

  /** {@link #u16()} of an attribute, or the given number when it is absent. */
  public int u16(int type, int absent) {
    return get(type).map(Attributes::u16).orElse(absent);
  }
}
