package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DockerArchiveTest {
  private static final Map<String, ImageFile> SHELL =
      Map.of(
          "bin/sh", new ImageFile.Link("busybox"),
          "tmp", new ImageFile.OpenFolder(),
          "etc/issue", new ImageFile.Text("a lab\n"));

  private static final Map<String, ImageFile> PAUSE =
      Map.of("pause", new ImageFile.Program("pause"));

  @Test
  void aLayerHasTheFilesAndTheFoldersAboveThem() throws Exception {
    List<TarEntry> archive = write(image("a:1", SHELL));

    assertThat(layer(archive, manifest(archive).get(0)))
        .containsExactly(
            new TarEntry("bin/", '5', "0000755", "", ""),
            new TarEntry("bin/sh", '2', "0000777", "busybox", ""),
            new TarEntry("etc/", '5', "0000755", "", ""),
            new TarEntry("etc/issue", '0', "0000644", "", "a lab\n"),
            new TarEntry("tmp/", '5', "0001777", "", ""));
  }

  @Test
  void theManifestNamesEachImageWithItsConfigurationAndLayer() throws Exception {
    List<TarEntry> archive = write(image("a:1", SHELL), image("b:2", PAUSE));

    JsonNode manifest = manifest(archive);
    assertThat(manifest.size()).isEqualTo(2);
    JsonNode b = manifest.get(1);
    assertThat(b.at("/RepoTags/0").asString()).isEqualTo("b:2");
    JsonNode config = json(TarEntry.of(archive, b.at("/Config").asString()));
    assertThat(config.at("/config/Entrypoint/0").asString()).isEqualTo("/run");
    assertThat(config.at("/config/Cmd/0").asString()).isEqualTo("it");
    assertThat(config.at("/os").asString()).isEqualTo("linux");
    assertThat(config.at("/rootfs/diff_ids/0").asString())
        .isEqualTo("sha256:" + sha256(TarEntry.of(archive, b.at("/Layers/0").asString()).bytes()));
    assertThat(TarEntry.of(layer(archive, b), "pause"))
        .satisfies(each -> assertThat(each.mode()).isEqualTo("0000755"))
        .satisfies(each -> assertThat(each.text()).contains("ELF"));
  }

  @Test
  void imagesOfTheSameFilesShareTheirLayer() throws Exception {
    List<TarEntry> archive = write(image("a:1", SHELL), image("b:2", SHELL));

    assertThat(archive).extracting(TarEntry::name).filteredOn(n -> n.endsWith(".tar")).hasSize(1);
  }

  @Test
  void theIdentityFollowsNamesAndFiles() {
    String identity = new DockerArchive(List.of(image("a:1", SHELL))).identity();

    assertThat(new DockerArchive(List.of(image("a:1", SHELL))).identity()).isEqualTo(identity);
    assertThat(new DockerArchive(List.of(image("a:2", SHELL))).identity()).isNotEqualTo(identity);
    assertThat(new DockerArchive(List.of(image("a:1", PAUSE))).identity()).isNotEqualTo(identity);
  }

  private static DockerArchive.Image image(String name, Map<String, ImageFile> files) {
    return new DockerArchive.Image(name, new TreeMap<>(files), List.of("/run"), List.of("it"));
  }

  private static List<TarEntry> write(DockerArchive.Image... images) throws IOException {
    var bytes = new ByteArrayOutputStream();
    new DockerArchive(List.of(images)).write(bytes);
    return TarEntry.read(bytes.toByteArray());
  }

  private static JsonNode manifest(List<TarEntry> archive) {
    return json(TarEntry.of(archive, "manifest.json"));
  }

  private static List<TarEntry> layer(List<TarEntry> archive, JsonNode image) {
    return TarEntry.read(TarEntry.of(archive, image.at("/Layers/0").asString()).bytes());
  }

  private static JsonNode json(TarEntry entry) {
    return JsonMapper.shared().readTree(entry.bytes());
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
