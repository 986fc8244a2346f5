import io.denim.ipam.FlannelLayout;
import io.denim.store.EmbeddedStore;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/** Fills an embedded store with a configuration and the leases of so many other nodes: Seed DIRECTORY COUNT NET-CONF. */
class Seed {
  public static void main(String[] args) {
    try (var store = new EmbeddedStore(Path.of(args[0]), InstantSource.system())) {
      store.create(FlannelLayout.CONFIG, args[2], Lifetime.permanent());
      for (int i = 0; i < Integer.parseInt(args[1]); i++) {
        String subnet = "10.%d.%d.0-24".formatted(100 + i / 200, i % 200);
        String value =
            "{\"PublicIP\":\"10.95.%d.%d\",\"PublicIPv6\":null,\"BackendType\":\"vxlan\",\"BackendData\":{\"VNI\":1,\"VtepMAC\":\"02:00:00:00:%02x:%02x\"}}"
                .formatted(1 + i / 250, 1 + i % 250, i / 256, i % 256);
        store.create(
            new Key("subnets", subnet), value, Lifetime.ttl(Duration.ofHours(24)));
      }
    }
  }
}
