package io.denim.linux.netlink;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** Numbers of linux/netlink.h and linux/rtnetlink.h that more than one class uses. */
final class Nl {
  static final int AF_NETLINK = 16;
  static final int AF_UNSPEC = 0;
  static final int AF_INET = 2;
  static final int AF_BRIDGE = 7;
  static final int AF_INET6 = 10;

  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;
  static final int NLMSG_OVERRUN = 4;

  static final int NLM_F_REQUEST = 1;
  static final int NLM_F_ACK = 4;
  static final int NLM_F_DUMP_INTR = 0x10;
  static final int NLM_F_DUMP = 0x300;
  static final int NLM_F_REPLACE = 0x100;
  static final int NLM_F_EXCL = 0x200;
  static final int NLM_F_CREATE = 0x400;
  static final int NLM_F_APPEND = 0x800;
  static final int NLM_F_CAPPED = 0x100;
  static final int NLM_F_ACK_TLVS = 0x200;

  static final int RTM_NEWLINK = 16;
  static final int RTM_DELLINK = 17;
  static final int RTM_GETLINK = 18;
  static final int RTM_SETLINK = 19;
  static final int RTM_NEWADDR = 20;
  static final int RTM_DELADDR = 21;
  static final int RTM_GETADDR = 22;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_DELROUTE = 25;
  static final int RTM_GETROUTE = 26;
  static final int RTM_NEWNEIGH = 28;
  static final int RTM_DELNEIGH = 29;
  static final int RTM_GETNEIGH = 30;
  static final int RTM_NEWRULE = 32;
  static final int RTM_DELRULE = 33;
  static final int RTM_GETRULE = 34;
  static final int RTM_NEWQDISC = 36;
  static final int RTM_DELQDISC = 37;
  static final int RTM_GETQDISC = 38;
  static final int RTM_NEWTFILTER = 44;
  static final int RTM_GETTFILTER = 46;
  static final int RTM_NEWNEXTHOP = 104;
  static final int RTM_DELNEXTHOP = 105;
  static final int RTM_GETNEXTHOP = 106;

  static final int NLMSG_HEADER = 16;

  private Nl() {}

  static int familyOf(io.denim.net.Family family) {
    return switch (family) {
      case IPV4 -> AF_INET;
      case IPV6 -> AF_INET6;
    };
  }

  /**
   * A request made of its parts. Its words are made when somebody asks, since thousands of requests
   * are never told.
   */
  record Message(int type, int flags, Consumer<MessageWriter> body, Supplier<String> words)
      implements Request {
    Message(int type, int flags, Consumer<MessageWriter> body, String words) {
      this(type, flags, body, () -> words);
    }

    @Override
    public void encode(MessageWriter writer) {
      body.accept(writer);
    }

    @Override
    public String describe() {
      return words.get();
    }
  }
}
