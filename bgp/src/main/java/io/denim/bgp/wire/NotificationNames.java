package io.denim.bgp.wire;

/** IANA's BGP error codes and subcodes as an operator reads them. */
final class NotificationNames {
  private NotificationNames() {}

  static String of(int code, int subcode) {
    return switch (code) {
      case 1 -> "message header error" + detail(header(subcode), subcode);
      case 2 -> "OPEN error" + detail(open(subcode), subcode);
      case 3 -> "UPDATE error" + detail(update(subcode), subcode);
      case 4 -> "hold timer expired";
      case 5 -> "message not expected" + detail(state(subcode), subcode);
      case 6 -> "ceased" + detail(cease(subcode), subcode);
      case 7 -> "ROUTE-REFRESH error" + detail(subcode == 1 ? "bad length" : "", subcode);
      case 8 -> "send hold timer expired";
      default -> "error " + code + "/" + subcode;
    };
  }

  private static String detail(String name, int subcode) {
    if (name.isEmpty()) {
      return subcode == 0 ? "" : ": subcode " + subcode;
    }
    return ": " + name;
  }

  private static String header(int subcode) {
    return switch (subcode) {
      case 1 -> "connection not synchronised";
      case 2 -> "bad message length";
      case 3 -> "unknown message type";
      default -> "";
    };
  }

  private static String open(int subcode) {
    return switch (subcode) {
      case 1 -> "unsupported version";
      case 2 -> "wrong peer AS";
      case 3 -> "bad BGP identifier";
      case 4 -> "unsupported optional parameter";
      case 6 -> "unacceptable hold time";
      case 7 -> "a required capability is missing";
      case 8 -> "no common address family";
      case 11 -> "role mismatch";
      default -> "";
    };
  }

  private static String update(int subcode) {
    return switch (subcode) {
      case 1 -> "malformed attribute list";
      case 2 -> "unknown well-known attribute";
      case 3 -> "missing well-known attribute";
      case 4 -> "wrong attribute flags";
      case 5 -> "wrong attribute length";
      case 6 -> "invalid ORIGIN";
      case 8 -> "invalid NEXT_HOP";
      case 9 -> "malformed optional attribute";
      case 10 -> "invalid network field";
      case 11 -> "malformed AS_PATH";
      default -> "";
    };
  }

  private static String state(int subcode) {
    return switch (subcode) {
      case 1 -> "in OpenSent";
      case 2 -> "in OpenConfirm";
      case 3 -> "in Established";
      default -> "";
    };
  }

  private static String cease(int subcode) {
    return switch (subcode) {
      case 1 -> "maximum number of prefixes reached";
      case 2 -> "administrative shutdown";
      case 3 -> "peer de-configured";
      case 4 -> "administrative reset";
      case 5 -> "connection rejected";
      case 6 -> "configuration change";
      case 7 -> "connection collision";
      case 8 -> "out of resources";
      case 9 -> "hard reset";
      case 10 -> "BFD down";
      default -> "";
    };
  }
}
