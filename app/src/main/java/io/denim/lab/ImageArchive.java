package io.denim.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The container images of a lab's Kubernetes, made of this machine's programs, since a lab has no
 * registry: those that Kubernetes' own end-to-end tests name, with what these tests call in them.
 */
public final class ImageArchive {
  /** What holds a pod's namespaces; the name that containerd and the kubelet are told. */
  public static final String PAUSE = "registry.k8s.io/pause:3.10";

  /** Kubernetes' own program for tests of networks: servers and clients of many protocols. */
  public static final String AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.63.0";

  /** A shell. */
  public static final String BUSYBOX = "registry.k8s.io/e2e-test-images/busybox:1.37.0-1";

  private static final Path STATIC_BUSYBOX = Path.of("/bin/busybox");

  /**
   * A program that Debian has.
   *
   * @param path on this machine
   * @param image its path in an image
   */
  private record Tool(String path, String packageName, String image) {
    Path source() {
      return existing(Path.of(path), "apt-get install -y " + packageName);
    }
  }

  /** Instead of busybox's, whose shell would run its own nc, which knows no {@code -u}. */
  private static final List<Tool> TOOLS =
      List.of(
          new Tool("/bin/dash", "dash", "bin/sh"),
          new Tool("/bin/nc.openbsd", "netcat-openbsd", "bin/nc"),
          new Tool("/usr/bin/curl", "curl", "usr/bin/curl"),
          new Tool("/usr/bin/dig", "bind9-dnsutils", "usr/bin/dig"),
          new Tool("/usr/bin/getent", "libc-bin", "usr/bin/getent"));

  private ImageArchive() {}

  /**
   * The file with all images, beside the programs in {@code peers}; written when it is not there or
   * would be another by now.
   *
   * @param peers the folder that {@code tools/peers path} prints
   * @throws LabException naming a program that is missing, and where it is from
   */
  public static Path cached(Path peers) {
    DockerArchive archive = of(peers);
    Path file = peers.toAbsolutePath().resolveSibling("images-" + archive.identity() + ".tar");
    if (!Files.exists(file)) {
      archive.write(file);
    }
    return file;
  }

  private static DockerArchive of(Path peers) {
    SortedMap<String, ImageFile> pause = new TreeMap<>();
    pause.put("pause", new ImageFile.Program("pause"));
    SortedMap<String, ImageFile> tools = tools(peers);
    List<DockerArchive.Image> images = new ArrayList<>();
    for (String name : List.of(PAUSE, "registry.k8s.io/pause:3.10.2")) {
      images.add(new DockerArchive.Image(name, pause, List.of("/pause"), List.of()));
    }
    for (String name :
        List.of(AGNHOST, "registry.k8s.io/e2e-test-images/glibc-dns-testing:2.0.0")) {
      images.add(new DockerArchive.Image(name, tools, List.of("/agnhost"), List.of("pause")));
    }
    images.add(new DockerArchive.Image(BUSYBOX, tools, List.of(), List.of("/bin/sh")));
    return new DockerArchive(images);
  }

  private static SortedMap<String, ImageFile> tools(Path peers) {
    var files = new TreeMap<String, ImageFile>();
    // Its server of TLS reads the certificate and key from the root.
    for (String each : List.of("agnhost", "localhost.crt", "localhost.key")) {
      files.put(
          each, new ImageFile.Copy(existing(peers.resolve(each), "build it with ./denim peers")));
    }
    files.putAll(Busybox.files(existing(STATIC_BUSYBOX, "apt-get install -y busybox-static")));
    List<Path> programs = new ArrayList<>();
    for (Tool each : TOOLS) {
      programs.add(each.source());
      files.put(each.image(), new ImageFile.Copy(each.source()));
    }
    MachinePrograms.libraries(programs)
        .forEach((path, library) -> files.put(path.substring(1), new ImageFile.Copy(library)));
    for (String each : List.of("dev", "proc", "root", "sys", "var")) {
      files.put(each, new ImageFile.Folder());
    }
    files.put("tmp", new ImageFile.OpenFolder());
    files.putAll(
        Map.of(
            "etc/passwd",
            new ImageFile.Text(
                """
                root:x:0:0:root:/root:/bin/sh
                nobody:x:65534:65534:nobody:/:/bin/false
                """),
            "etc/group",
            new ImageFile.Text(
                """
                root:x:0:
                nogroup:x:65534:
                """),
            "etc/nsswitch.conf",
            new ImageFile.Text(
                """
                hosts: files dns
                """)));
    return files;
  }

  private static Path existing(Path file, String otherwise) {
    if (!Files.isReadable(file)) {
      throw new LabException(
          "the container images of a lab need " + file + ", which is missing; " + otherwise);
    }
    return file;
  }
}
