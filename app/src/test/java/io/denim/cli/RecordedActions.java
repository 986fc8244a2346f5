package io.denim.cli;

import io.denim.install.Removal;
import io.denim.lab.LabConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes down what it is asked to do. */
final class RecordedActions implements Actions {
  final List<String> calls = new ArrayList<>();
  Optional<RuntimeException> failure = Optional.empty();
  int exitCode;
  List<Removal> removals = List.of();

  void note(String name, Object... arguments) {
    failure.ifPresent(thrown -> {
      throw thrown;
    });
    var call = new StringBuilder(name);
    for (Object each : arguments) {
      call.append(' ').append(each);
    }
    calls.add(call.toString());
  }

  @Override
  public void agent(FlanneldOptions options) {
    note("agent", options.ipMasq(), options.ifaces());
  }

  @Override
  public void labUp(LabConfig config, Optional<Path> file, boolean foreground) {
    note("labUp", config.name(), foreground);
  }

  @Override
  public Record labStatus(Optional<String> lab) {
    note("labStatus", lab);
    return new Row("x");
  }

  @Override
  public int labExec(Optional<String> lab, String where, List<String> command) {
    note("labExec", lab, where, command);
    return exitCode;
  }

  @Override
  public int labKubectl(Optional<String> lab, List<String> words) {
    calls.add("labKubectl " + lab + " " + words);
    return 0;
  }

  @Override
  public List<? extends Record> labPing(Optional<String> lab, List<String> ends, int count) {
    note("labPing", lab, ends, count);
    return List.of();
  }

  @Override
  public int labCapture(
      Optional<String> lab,
      String where,
      Optional<String> device,
      Optional<Path> file,
      Optional<Integer> count,
      List<String> filter) {
    note("labCapture", lab, where, device, file, count, filter);
    return exitCode;
  }

  @Override
  public void labDown(Optional<String> lab) {
    note("labDown", lab);
  }

  @Override
  public Record status(Path socket) {
    note("status", socket);
    return new Row("x");
  }

  @Override
  public List<? extends Record> pod(Path socket, String name) {
    note("pod", socket, name);
    return List.of(new Row("x"), new Row("y"));
  }

  @Override
  public List<Removal> uninstall(UninstallOptions options) {
    note(
        "uninstall",
        options.cniConfDir(),
        options.cniBinDir(),
        options.dataDir(),
        "dry=" + options.dryRun(),
        "force=" + options.force(),
        "network=" + options.network(),
        options.netns());
    return removals;
  }

  @Override
  public void demo(boolean keep) {
    note("demo", keep);
  }

  @Override
  public BgpActions bgp() {
    return new RecordedBgp(this);
  }

  record Row(String name) {}
}
