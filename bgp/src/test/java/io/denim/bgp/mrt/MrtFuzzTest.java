package io.denim.bgp.mrt;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;

/** Whatever is in a file is records or an error, and what is read can be written. */
final class MrtFuzzTest {
  @FuzzTest(maxDuration = "30s")
  void aFileIsReadOrRefused(byte[] file) throws IOException {
    MrtReader reader = new MrtReader(new ByteArrayInputStream(file));
    long before = -1;
    while (reader.offset() > before) {
      before = reader.offset();
      try {
        Optional<MrtRecord> read = reader.next();
        if (read.isPresent()) {
          byte[] again = MrtWriter.encode(read.get());
          MrtReader other = new MrtReader(new ByteArrayInputStream(again));
          assertThat(other.next()).isEqualTo(read);
        }
      } catch (MrtException e) {
        assertThat(e.offset()).isBetween(0L, (long) file.length);
      }
    }
    assertThat(reader.offset()).isLessThanOrEqualTo(file.length);
    reader.truncatedAt().ifPresent(at -> assertThat(at).isEqualTo(reader.offset()));
  }
}
