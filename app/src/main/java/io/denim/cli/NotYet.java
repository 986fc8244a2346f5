package io.denim.cli;

import io.denim.lab.LabConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The actions of a build that has neither agent nor lab: each one fails and says so. */
final class NotYet implements Actions {

  @Override
  public void agent(FlanneldOptions options) {
    throw missing("agent");
  }

  @Override
  public void labUp(LabConfig config, boolean foreground) {
    throw missing("lab");
  }

  @Override
  public Record labStatus(Optional<String> lab) {
    throw missing("lab");
  }

  @Override
  public int labExec(Optional<String> lab, String where, List<String> command) {
    throw missing("lab");
  }

  @Override
  public List<? extends Record> labPing(Optional<String> lab, List<String> ends, int count) {
    throw missing("lab");
  }

  @Override
  public int labCapture(
      Optional<String> lab,
      String where,
      Optional<String> device,
      Optional<Path> file,
      List<String> filter) {
    throw missing("lab");
  }

  @Override
  public void labDown(Optional<String> lab) {
    throw missing("lab");
  }

  @Override
  public Record status(Path socket) {
    throw missing("agent");
  }

  @Override
  public void demo(boolean keep) {
    throw missing("lab");
  }

  private static CommandException missing(String part) {
    return CommandException.failure("this build of Denim has no " + part);
  }
}
