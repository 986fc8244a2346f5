package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TarTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Tar tar = new Tar(bytes);

  @Test
  void whatIsPutInIsReadBack() throws Exception {
    tar.folder("tmp", 01777);
    file("tmp/a", "hello");
    tar.link("tmp/b", "a");
    file("tmp/empty", "");
    file("tmp/block", "x".repeat(512));

    long size = tar.end();

    assertThat(size).isEqualTo(bytes.size());
    assertThat(TarEntry.read(bytes.toByteArray()))
        .containsExactly(
            new TarEntry("tmp/", '5', "0001777", "", ""),
            new TarEntry("tmp/a", '0', "0000644", "", "hello"),
            new TarEntry("tmp/b", '2', "0000777", "a", ""),
            new TarEntry("tmp/empty", '0', "0000644", "", ""),
            new TarEntry("tmp/block", '0', "0000644", "", "x".repeat(512)));
  }

  @Test
  void aNameOfAHundredBytesFitsAndALongerOneIsRefused() throws Exception {
    file("n".repeat(100), "");
    tar.end();

    assertThat(TarEntry.read(bytes.toByteArray()))
        .extracting(TarEntry::name)
        .isEqualTo(List.of("n".repeat(100)));
    assertThatThrownBy(() -> file("n".repeat(101), ""))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("allowed: 100 bytes");
  }

  @Test
  void aFileThatGrowsMeanwhileIsAnError() {
    assertThatThrownBy(() -> tar.file("log", 0644, 2, out -> out.write(new byte[3])))
        .isInstanceOf(IOException.class)
        .hasMessage("log has changed while it was put into an archive: 3 bytes, not 2");
  }

  private void file(String name, String text) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    tar.file(name, 0644, content.length, out -> out.write(content));
  }
}
