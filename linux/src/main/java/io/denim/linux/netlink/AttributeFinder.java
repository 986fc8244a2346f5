package io.denim.linux.netlink;

/** Turns an offset that the kernel reported into the number of the attribute that stands there. */
final class AttributeFinder {
  private AttributeFinder() {}

  /**
   * Such as {@code attribute 18.2.15}: the types from the outermost nest inward; the bare offset
   * when nothing stands there.
   */
  static String at(Request request, int offset) {
    MessageWriter writer = new MessageWriter(256);
    writer.begin(request.type(), request.flags(), 0);
    request.encode(writer);
    writer.end();
    byte[] message = writer.toArray();
    for (int header = Nl.NLMSG_HEADER + 4; header <= Nl.NLMSG_HEADER + 20; header += 4) {
      String path = descend(message, header, message.length, offset, "");
      if (!path.isEmpty()) {
        return "attribute " + path.substring(1);
      }
    }
    return "offset " + offset;
  }

  private static String descend(byte[] message, int start, int end, int offset, String path) {
    int at = start;
    while (end - at >= 4) {
      int length = (message[at] & 0xff) | (message[at + 1] & 0xff) << 8;
      int type = ((message[at + 2] & 0xff) | (message[at + 3] & 0xff) << 8);
      if (length < 4 || length > end - at) {
        return "";
      }
      String here = path + "." + (type & 0x3fff);
      if (at == offset) {
        return here;
      }
      if (offset > at && offset < at + length) {
        String inner = descend(message, at + 4, at + length, offset, here);
        return inner.isEmpty() ? here : inner;
      }
      at += (length + 3) & ~3;
    }
    return "";
  }
}
