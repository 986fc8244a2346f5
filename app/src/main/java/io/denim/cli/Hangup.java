package io.denim.cli;

import java.lang.reflect.Proxy;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, which tells services to read their files again and ends a JVM otherwise. The JDK's class
 * for signals is one that javac warns of, whatever is suppressed: hence the way around it.
 */
final class Hangup {
  private static final Logger LOG = LoggerFactory.getLogger(Hangup.class);

  private Hangup() {}

  /** Does this, in a thread of its own, each time the process is sent the signal. */
  static void handle(Runnable task) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object handling =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  task.run();
                }
                return null;
              });
      var _ =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), handling);
    } catch (ReflectiveOperationException e) {
      LOG.warn(
          "SIGHUP cannot be handled (a JVM with -Xrs or without jdk.unsupported?), use denim bgp reload: {}",
          Optional.ofNullable(e.getCause()).orElse(e).toString());
    }
  }
}
