package io.denim.ipam;

import io.denim.ipam.HostLocal.Owner;
import io.denim.net.Cidr;
import io.denim.store.OtherJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What runs in another JVM that hands out and takes back addresses until it is killed. */
final class HostLocalProcess {
  static final List<AddressRange> RANGE = List.of(AddressRange.of(Cidr.parse("10.244.1.0/26")));

  private static final int HELD_AT_ONCE = 8;

  private HostLocalProcess() {}

  /** Prints "got owner address" after each allocation, "frees owner" before each release. */
  static OtherJvm start(Path dataDir, String name) throws IOException {
    return OtherJvm.start(HostLocalProcess.class, dataDir.toString(), name);
  }

  /** Runs in the other JVM. */
  public static void main(String[] arguments) {
    Deque<Owner> held = new ArrayDeque<>();
    try (HostLocal addresses = new HostLocal(Path.of(arguments[0]), "cbr0")) {
      for (int i = 0; true; i++) {
        Owner owner = new Owner(arguments[1] + "-" + i, "eth0");
        String address = addresses.allocate(owner, "0", RANGE).address().address().toString();
        System.out.println("got " + owner.containerId() + " " + address);
        held.add(owner);
        if (held.size() > HELD_AT_ONCE) {
          System.out.println("frees " + held.getFirst().containerId());
          addresses.release(held.removeFirst());
        }
      }
    }
  }
}
