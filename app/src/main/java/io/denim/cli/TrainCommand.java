package io.denim.cli;

import io.denim.lab.LabConfig;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code denim train}, hidden: does what everyday commands do and shows nothing, so that the JVM
 * that makes the AOT cache sees their classes. Run by tools/prepare.
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  private static final List<List<String>> LINES =
      List.of(
          List.of(),
          List.of("help", "lab"),
          List.of("lab", "up", "--help"),
          List.of("agent", "--help"),
          List.of("agent", "--ip-masq", "-iface=eth0", "--healthz-port", "8081", "--version"),
          List.of("agent", "--unknown"),
          List.of("status", "--socket", "/nowhere"),
          List.of("version"),
          List.of("version", "-o", "json"),
          List.of("version", "-o", "yaml"),
          List.of("completion"));

  @Override
  public Integer call() {
    var nowhere = new PrintWriter(Writer.nullWriter());
    for (List<String> line : LINES) {
      var _ = Main.run(line, Map.of(), new NotYet(), nowhere, nowhere);
    }
    LogFormat.TEXT.formatter();
    LogFormat.JSON.formatter();
    LabConfig.demo();
    return 0;
  }
}
