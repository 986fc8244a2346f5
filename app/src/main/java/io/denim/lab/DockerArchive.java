package io.denim.lab;

import io.denim.model.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Container images in one file, as {@code docker save} writes it and {@code ctr images import},
 * {@code podman load} and {@code docker load} read it: a tar of layers, a configuration for each
 * image, and {@code manifest.json} (docker image specification v1.2, "Combined Image JSON +
 * Filesystem Changeset Format"). Images of the same files share a layer.
 */
public final class DockerArchive {
  private static final FileAttribute<Set<PosixFilePermission>> READABLE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

  private final List<Image> images;

  /**
   * One image.
   *
   * @param name with its tag, as a pod asks for it
   * @param files what is in it, by paths without a leading slash; folders above them need not be
   *     given
   * @param entrypoint the program that runs in it, and arguments that stay
   * @param arguments more of them unless a pod has its own
   */
  public record Image(
      String name,
      SortedMap<String, ImageFile> files,
      List<String> entrypoint,
      List<String> arguments) {
    /** Copies the collections and adds folders. */
    public Image {
      files = Collections.unmodifiableSortedMap(withFolders(files));
      entrypoint = List.copyOf(entrypoint);
      arguments = List.copyOf(arguments);
    }
  }

  /** A layer as it will be in the archive. */
  private record Layer(String digest, long size) {
    String name() {
      return digest + ".tar";
    }
  }

  /** With these images. */
  public DockerArchive(List<Image> images) {
    this.images = List.copyOf(images);
  }

  /** In this order each folder is before what is in it. */
  private static SortedMap<String, ImageFile> withFolders(Map<String, ImageFile> files) {
    var all = new TreeMap<>(files);
    for (String each : files.keySet()) {
      for (int slash = each.indexOf('/'); slash > 0; slash = each.indexOf('/', slash + 1)) {
        all.putIfAbsent(each.substring(0, slash), new ImageFile.Folder());
      }
    }
    return all;
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @throws LabException if a file of an image cannot be read or this one not be written
   */
  public void write(Path file) {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a folder");
    try {
      Path written = Files.createTempFile(folder, ".images", ".new", READABLE);
      try {
        try (var out = new BufferedOutputStream(Files.newOutputStream(written), 1 << 16)) {
          write(out);
        }
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      throw new LabException("cannot write the container images into " + file + ": " + e, e);
    }
  }

  /** Writes the layers twice: their names are known when they have been written once. */
  void write(OutputStream out) throws IOException {
    var tar = new Tar(out);
    var layers = new HashMap<SortedMap<String, ImageFile>, Layer>();
    List<Object> manifest = new ArrayList<>();
    for (Image each : images) {
      Layer layer = layers.get(each.files());
      if (layer == null) {
        layer = measured(each.files());
        layers.put(each.files(), layer);
        tar.file(layer.name(), 0644, layer.size(), stream -> write(each.files(), stream));
      }
      byte[] config = Json.mapper().writeValueAsBytes(config(each, layer));
      String name = HexFormat.of().formatHex(sha256().digest(config)) + ".json";
      put(tar, name, 0644, config);
      manifest.add(
          Map.of(
              "Config", name, "RepoTags", List.of(each.name()), "Layers", List.of(layer.name())));
    }
    put(tar, "manifest.json", 0644, Json.mapper().writeValueAsBytes(manifest));
    tar.end();
  }

  private static Layer measured(SortedMap<String, ImageFile> files) throws IOException {
    MessageDigest digest = sha256();
    long size = write(files, new DigestOutputStream(OutputStream.nullOutputStream(), digest));
    return new Layer(HexFormat.of().formatHex(digest.digest()), size);
  }

  private static long write(SortedMap<String, ImageFile> files, OutputStream out)
      throws IOException {
    var tar = new Tar(out);
    for (var each : files.entrySet()) {
      put(tar, each.getKey(), each.getValue());
    }
    return tar.end();
  }

  private static void put(Tar tar, String path, ImageFile file) throws IOException {
    switch (file) {
      case ImageFile.Folder() -> tar.folder(path, 0755);
      case ImageFile.OpenFolder() -> tar.folder(path, 01777);
      case ImageFile.Link(String target) -> tar.link(path, target);
      case ImageFile.Copy(Path source) -> {
        int mode = Files.isExecutable(source) ? 0755 : 0644;
        tar.file(path, mode, Files.size(source), stream -> Files.copy(source, stream));
      }
      case ImageFile.Program program -> put(tar, path, 0755, program.bytes());
      case ImageFile.Text(String content) -> put(tar, path, 0644, utf8(content));
    }
  }

  private static void put(Tar tar, String path, int mode, byte[] content) throws IOException {
    tar.file(path, mode, content.length, stream -> stream.write(content));
  }

  private static Map<String, Object> config(Image image, Layer layer) {
    return Map.of(
        "architecture",
        architecture(),
        "os",
        "linux",
        "rootfs",
        Map.of("type", "layers", "diff_ids", List.of("sha256:" + layer.digest())),
        "config",
        Map.of(
            "Entrypoint",
            image.entrypoint(),
            "Cmd",
            image.arguments(),
            "Env",
            List.of("PATH=/bin:/usr/bin")));
  }

  /** As Go calls it. */
  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }

  /**
   * A name for what would be written: another whenever an image or a file of one is another, as far
   * as its size and time tell.
   */
  public String identity() {
    MessageDigest digest = sha256();
    for (Image each : images) {
      digest.update(utf8(each.name() + each.entrypoint() + each.arguments() + "\n"));
      each.files().forEach((path, file) -> digest.update(utf8(path + " " + identity(file) + "\n")));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static String identity(ImageFile file) {
    return switch (file) {
      case ImageFile.Copy(Path source) -> {
        try {
          yield file + " " + Files.size(source) + " " + Files.getLastModifiedTime(source);
        } catch (IOException e) {
          throw new LabException("cannot read " + source + " for a container image: " + e, e);
        }
      }
      case ImageFile.Program program ->
          file + " " + HexFormat.of().formatHex(sha256().digest(program.bytes()));
      case ImageFile.Folder folder -> folder.toString();
      case ImageFile.OpenFolder folder -> folder.toString();
      case ImageFile.Link link -> link.toString();
      case ImageFile.Text text -> text.toString();
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
