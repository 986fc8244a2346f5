package io.denim.linux.netlink;

import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes netlink messages one after another into a growing buffer. Numbers are in host order except
 * those named {@code be}, which are in network order. Messages and attributes are padded to 4
 * octets (linux/netlink.h).
 */
public final class MessageWriter {
  /** The attribute holds attributes (linux/netlink.h). */
  public static final int NLA_F_NESTED = 0x8000;

  private static final int LARGEST_ATTRIBUTE = 0xffff;
  private static final VarHandle SHORT = view(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT = view(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG = view(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] buffer;
  private int size;
  private int message = -1;

  /** An empty writer with room for this many octets at first. */
  public MessageWriter(int capacity) {
    buffer = new byte[capacity];
  }

  private static VarHandle view(Class<?> type, ByteOrder order) {
    return MethodHandles.byteArrayViewVarHandle(type, order);
  }

  /** Octets written so far. */
  public int size() {
    return size;
  }

  /** Forgets all that was written. */
  public void clear() {
    size = 0;
    message = -1;
  }

  byte[] array() {
    return buffer;
  }

  /** A copy of what was written. */
  public byte[] toArray() {
    return Arrays.copyOf(buffer, size);
  }

  private int grow(int octets) {
    int at = size;
    if (at + octets > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, at + octets));
    }
    size = at + octets;
    return at;
  }

  /** Begins a message: nlmsghdr with the length open. */
  public MessageWriter begin(int type, int flags, int sequence) {
    message = size;
    return u32(0).u16(type).u16(flags).u32(sequence).u32(0);
  }

  /** Ends the message that was begun: fills in its length and pads. */
  public void end() {
    INT.set(buffer, message, size - message);
    pad();
    message = -1;
  }

  /** Adds flags to those of the message that begins at this offset. */
  void addFlags(int offset, int flags) {
    SHORT.set(buffer, offset + 6, (short) ((short) SHORT.get(buffer, offset + 6) | flags));
  }

  private void pad() {
    int end = (size + 3) & ~3;
    int at = grow(end - size);
    Arrays.fill(buffer, at, end, (byte) 0);
  }

  /** One octet. */
  public MessageWriter u8(int value) {
    int at = grow(1);
    buffer[at] = (byte) value;
    return this;
  }

  /** Two octets in host order. */
  public MessageWriter u16(int value) {
    int at = grow(2);
    SHORT.set(buffer, at, (short) value);
    return this;
  }

  /** Four octets in host order. */
  public MessageWriter u32(int value) {
    int at = grow(4);
    INT.set(buffer, at, value);
    return this;
  }

  /** Eight octets in host order. */
  public MessageWriter u64(long value) {
    int at = grow(8);
    LONG.set(buffer, at, value);
    return this;
  }

  /** Two octets in network order. */
  public MessageWriter be16(int value) {
    return u16(Short.reverseBytes((short) value));
  }

  /** Four octets in network order. */
  public MessageWriter be32(int value) {
    return u32(Integer.reverseBytes(value));
  }

  /** These octets. */
  public MessageWriter bytes(byte[] value) {
    int at = grow(value.length);
    System.arraycopy(value, 0, buffer, at, value.length);
    return this;
  }

  /** An attribute of these octets. */
  public MessageWriter attr(int type, byte[] value) {
    u16(checked(type, 4 + value.length)).u16(type).bytes(value);
    pad();
    return this;
  }

  private static int checked(int type, int length) {
    if (length > LARGEST_ATTRIBUTE) {
      throw new IllegalArgumentException(
          "netlink attribute "
              + (type & ~NLA_F_NESTED)
              + " has "
              + length
              + " octets; allowed: "
              + LARGEST_ATTRIBUTE);
    }
    return length;
  }

  /** An attribute of one octet. */
  public MessageWriter attrU8(int type, int value) {
    u16(5).u16(type).u8(value);
    pad();
    return this;
  }

  /** An attribute of two octets in host order. */
  public MessageWriter attrU16(int type, int value) {
    u16(6).u16(type).u16(value);
    pad();
    return this;
  }

  /** An attribute of four octets in host order. */
  public MessageWriter attrU32(int type, int value) {
    return u16(8).u16(type).u32(value);
  }

  /** An attribute of eight octets in host order. */
  public MessageWriter attrU64(int type, long value) {
    return u16(12).u16(type).u64(value);
  }

  /** An attribute of two octets in network order. */
  public MessageWriter attrBe16(int type, int value) {
    return attrU16(type, Short.reverseBytes((short) value));
  }

  /** An attribute of four octets in network order. */
  public MessageWriter attrBe32(int type, int value) {
    return attrU32(type, Integer.reverseBytes(value));
  }

  /** An attribute of a text that ends in a NUL. */
  public MessageWriter attrString(int type, String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    u16(checked(type, 5 + text.length)).u16(type).bytes(text).u8(0);
    pad();
    return this;
  }

  /** An attribute whose presence is the value. */
  public MessageWriter attrFlag(int type) {
    return u16(4).u16(type);
  }

  /** An attribute of an address. */
  public MessageWriter attrAddress(int type, IpAddress address) {
    return address.isV4()
        ? attrBe32(type, address.low32())
        : u16(20)
            .u16(type)
            .u64(Long.reverseBytes(address.high()))
            .u64(Long.reverseBytes(address.low()));
  }

  /** An attribute of a hardware address. */
  public MessageWriter attrMac(int type, MacAddress mac) {
    return attr(type, mac.bytes());
  }

  /** Begins an attribute that holds attributes; give the result to {@link #endNest}. */
  public int nest(int type) {
    int at = size;
    u16(0).u16(type | NLA_F_NESTED);
    return at;
  }

  /**
   * Begins a nest without the NESTED bit, for the few old attributes that are compared without it.
   */
  public int plainNest(int type) {
    int at = size;
    u16(0).u16(type);
    return at;
  }

  /** Ends a nest. */
  public void endNest(int nest) {
    int type = (short) SHORT.get(buffer, nest + 2);
    SHORT.set(buffer, nest, (short) checked(type & 0xffff, size - nest));
  }
}
