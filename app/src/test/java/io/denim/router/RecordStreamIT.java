package io.denim.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records over a control socket, and what is told of their end. */
@Timeout(60)
class RecordStreamIT {
  private static final byte[] RECORD =
      ByteBuffer.allocate(14).putShort(4, (short) 13).putInt(8, 2).putShort(12, (short) 7).array();

  @TempDir private Path directory;

  private ControlServer answering(LongAnswer answer) {
    return ControlServer.open(directory.resolve("control"), _ -> answer);
  }

  private RecordStream dump() {
    return new RouterClient(directory.resolve("control")).dump();
  }

  @Test
  void recordsComeAsTheyAreAndTheEndSaysHowManyGapsThereWere() throws IOException {
    try (ControlServer _ =
            answering(client -> {
              client.write(ByteBuffer.wrap(RECORD));
              return 2;
            });
        RecordStream records = dump()) {
      assertThat(records.next()).hasValue(RECORD);
      assertThat(records.next()).isEmpty();
      assertThat(records.gaps()).isEqualTo(2);
    }
  }

  @Test
  void whatBreaksOffIsNoEnd() throws IOException {
    try (ControlServer _ =
            answering(client -> {
              client.write(ByteBuffer.wrap(RECORD));
              client.write(ByteBuffer.wrap(RECORD, 0, 13));
              throw new IllegalStateException("what goes wrong in a router");
            });
        RecordStream records = dump()) {
      assertThat(records.next()).hasValue(RECORD);
      assertThatThrownBy(records::next)
          .isInstanceOf(RouterException.class)
          .hasMessage("the router ended before it had said all");
    }
  }

  @Test
  void whoHasSaidNothingMoreIsSentTheEndOfWhatHasNone() throws IOException {
    try (ControlServer _ =
            answering(client -> {
              ByteBuffer nothing = ByteBuffer.allocate(1);
              while (client.read(nothing.clear()) >= 0) {
                // It goes on.
              }
              return 0;
            });
        RecordStream records = dump()) {
      records.finish();

      assertThat(records.next()).isEmpty();
    }
  }

  @Test
  void noAnswerIsNoEmptyAnswer() {
    try (ControlServer _ =
        ControlServer.open(
            directory.resolve("control"),
            _ -> {
              throw new AssertionError("what ends a thread");
            })) {
      assertThatThrownBy(() -> new RouterClient(directory.resolve("control")).peers())
          .isInstanceOf(RouterException.class)
          .hasMessageEndingWith("ended without an answer");
    }
  }
}
