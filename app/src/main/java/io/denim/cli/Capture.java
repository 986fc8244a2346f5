package io.denim.cli;

import io.denim.lab.LabState;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.packet.PacketCapture;
import io.denim.linux.packet.PacketCapture.Frame;
import io.denim.linux.packet.PacketLine;
import io.denim.linux.packet.PcapFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** {@code denim lab capture} without a filter: each packet a line, or a record of a file. */
final class Capture {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final PrintWriter out;
  private final PrintWriter err;
  private final InstantSource clock;

  Capture(PrintWriter out, PrintWriter err, InstantSource clock) {
    this.out = out;
    this.err = err;
    this.clock = clock;
  }

  /** Until so many packets have passed; without a count, until the process is ended. */
  void run(
      LabState lab,
      String where,
      Optional<String> device,
      Optional<Path> file,
      Optional<Integer> count) {
    try (Namespace namespace = lab.open(where);
        Rtnetlink kernel = Rtnetlink.open(namespace);
        PacketCapture capture = PacketCapture.open(namespace, index(kernel, where, device))) {
      err.println("denim: capturing in " + where + "; Ctrl-C ends it");
      err.flush();
      if (file.isPresent()) {
        try (PcapFile pcap = PcapFile.create(file.get())) {
          follow(capture, count, frame -> pcap.write(clock.instant(), frame.bytes()));
        }
      } else {
        follow(capture, count, frame -> show(kernel, frame));
      }
    }
  }

  private static int index(Rtnetlink kernel, String where, Optional<String> device) {
    if (device.isEmpty()) {
      return 0;
    }
    Map<String, Integer> present =
        kernel.links().stream().collect(Collectors.toMap(Link::name, Link::index));
    return Optional.ofNullable(present.get(device.get()))
        .orElseThrow(() ->
            CommandException.failure(
                where
                    + " has no device "
                    + device.get()
                    + "; present: "
                    + present.keySet().stream().sorted().toList()));
  }

  private static void follow(
      PacketCapture capture, Optional<Integer> count, Consumer<Frame> consumer) {
    int seen = 0;
    while (count.isEmpty() || seen < count.get()) {
      Optional<Frame> frame = capture.next(LOOK);
      if (frame.isPresent()) {
        consumer.accept(frame.get());
        seen++;
      }
    }
  }

  private void show(Rtnetlink kernel, Frame frame) {
    out.println(
        clock.instant()
            + " "
            + name(kernel, frame.ifindex())
            + (frame.outgoing() ? " out " : " in ")
            + frame.octets().size()
            + ": "
            + PacketLine.of(frame.bytes()));
    out.flush();
  }

  /** Asked each time: devices come and go, and their numbers come again. */
  private static String name(Rtnetlink kernel, int ifindex) {
    return kernel.link(ifindex).map(Link::name).orElse("link " + ifindex);
  }
}
