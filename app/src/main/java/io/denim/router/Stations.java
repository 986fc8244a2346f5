package io.denim.router;

import io.denim.bgp.bmp.BmpExport;
import io.denim.bgp.bmp.BmpStation;
import io.denim.bgp.speaker.Monitors;
import io.denim.bgp.speaker.Speaker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The BMP stations that are told of the speaker (RFC 7854), as the file names them. */
final class Stations implements AutoCloseable {
  private final Monitors monitors;
  private final Speaker speaker;
  private final String name;
  private final Map<HostPort, BmpExport> exports = new HashMap<>();

  /**
   * None yet.
   *
   * @param monitors those of the speaker's world
   * @param name of this router, as stations are told it
   */
  Stations(Monitors monitors, Speaker speaker, String name) {
    this.monitors = monitors;
    this.speaker = speaker;
    this.name = name;
  }

  /** Tells these and no others; those that are told already go on. */
  void change(List<HostPort> wanted) {
    for (HostPort gone : Set.copyOf(exports.keySet())) {
      if (!wanted.contains(gone)) {
        Optional.ofNullable(exports.remove(gone)).ifPresent(BmpExport::close);
      }
    }
    for (HostPort each : wanted) {
      exports.computeIfAbsent(each, at -> BmpExport.start(monitors, speaker, station(at)));
    }
  }

  private BmpStation station(HostPort at) {
    try {
      InetAddress address = InetAddress.getByAddress(at.address().bytes());
      return BmpStation.of(new InetSocketAddress(address, at.port()), name, "Denim");
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 octets", e);
    }
  }

  @Override
  public void close() {
    change(List.of());
  }
}
