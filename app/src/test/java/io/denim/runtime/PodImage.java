package io.denim.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The image of all containers: Debian's static busybox under all its names. Sleeps unless told. */
final class PodImage {
  /** Its name; no registry has it. */
  static final String NAME = "denim.test/pod:1";

  private PodImage() {}

  /** Writes it as {@code docker save} does: a tar of one layer, its configuration and a list. */
  static void write(Path file) throws IOException {
    byte[] layer = layer();
    byte[] config =
        json(
            Map.of(
                "architecture",
                architecture(),
                "os",
                "linux",
                "rootfs",
                Map.of("type", "layers", "diff_ids", List.of("sha256:" + sha256(layer))),
                "config",
                Map.of(
                    "Entrypoint", List.of("/bin/sleep", "infinity"), "Env", List.of("PATH=/bin"))));
    var image = new Tar();
    image.file("layer.tar", layer);
    image.file("config.json", config);
    image.file(
        "manifest.json",
        json(
            List.of(
                Map.of(
                    "Config",
                    "config.json",
                    "RepoTags",
                    List.of(NAME),
                    "Layers",
                    List.of("layer.tar")))));
    Files.write(file, image.end());
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }

  private static byte[] layer() throws IOException {
    Path busybox = Path.of("/bin/busybox");
    if (!Files.isExecutable(busybox)) {
      throw new IllegalStateException(
          "this test needs "
              + busybox
              + " of Debian's package busybox-static; ./denim test"
              + " installs it");
    }
    var layer = new Tar();
    for (String each : List.of("bin", "dev", "etc", "proc", "sys", "tmp", "www")) {
      layer.folder(each);
    }
    layer.file("bin/busybox", Files.readAllBytes(busybox));
    Process listed = new ProcessBuilder(busybox.toString(), "--list").start();
    new String(listed.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
        .lines()
        .filter(applet -> !applet.equals("busybox"))
        .forEach(applet -> layer.link("bin/" + applet, "busybox"));
    return layer.end();
  }

  private static byte[] json(Object value) {
    return JsonMapper.shared().writeValueAsBytes(value);
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
