package io.denim.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RememberedIT {
  private static final Remembered SAMPLE = RememberedTest.sample();

  @TempDir Path folder;

  @Test
  void itIsReadBackFromAFolderThatWasMadeForIt() throws IOException {
    Path file = folder.resolve("new").resolve("network.json");
    SAMPLE.write(file);
    SAMPLE.write(file);
    assertThat(Remembered.read(file, SAMPLE.at())).contains(SAMPLE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void anOldOneIsOfNoUse() {
    Path file = folder.resolve("network.json");
    SAMPLE.write(file);
    Duration limit = Remembered.GOOD_FOR;
    assertThat(Remembered.read(file, SAMPLE.at().plus(limit))).isPresent();
    assertThat(Remembered.read(file, SAMPLE.at().plus(limit).plusSeconds(1))).isEmpty();
  }

  @Test
  void noneAndADamagedOneAreNoneAndTheNextWritingMendsIt() throws IOException {
    Path file = folder.resolve("network.json");
    assertThat(Remembered.read(file, SAMPLE.at())).isEmpty();
    SAMPLE.write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThat(Remembered.read(file, SAMPLE.at())).isEmpty();
    }
    SAMPLE.write(file);
    assertThat(Remembered.read(file, SAMPLE.at())).contains(SAMPLE);
  }

  @Test
  void aPlaceWhereNothingCanBeWrittenOrReadDoesNoHarm() throws IOException {
    Path inTheWay = Files.createFile(folder.resolve("file"));
    SAMPLE.write(inTheWay.resolve("network.json"));
    assertThat(Remembered.read(inTheWay.resolve("network.json"), SAMPLE.at())).isEmpty();
    assertThat(Remembered.read(folder, SAMPLE.at())).isEmpty();
  }
}
