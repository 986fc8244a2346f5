package io.denim.cli;

import java.io.OutputStream;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/**
 * Sets up java.util.logging, which slf4j's lines end in: all to one stream, flushed line by line.
 */
final class LogSetup {
  private LogSetup() {}

  /**
   * Logs to {@code stream} from now on, in this JVM.
   *
   * @param verbosity klog's -v: 0 info, 1 to 4 debug, above trace; libraries stay at info below 5
   */
  static void install(LogFormat format, int verbosity, OutputStream stream) {
    LogManager.getLogManager().reset();
    Level level = level(verbosity);
    Logger root = Logger.getLogger("");
    root.addHandler(handler(format, level, stream));
    root.setLevel(verbosity < 5 ? Level.INFO : level);
    LOGGER.setLevel(level);
    GRPC.setLevel(verbosity < 5 ? Level.SEVERE : level);
  }

  // Held here because LogManager holds loggers weakly, and with them their levels.
  private static final Logger LOGGER = Logger.getLogger("io.denim");

  // It warns of each try that does not reach a server; who tries tells it better, and once.
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  static Level level(int verbosity) {
    if (verbosity <= 0) {
      return Level.INFO;
    }
    return verbosity < 5 ? Level.FINE : Level.FINEST;
  }

  private static Handler handler(LogFormat format, Level level, OutputStream stream) {
    var handler =
        new StreamHandler(stream, format.formatter()) {
          @Override
          public synchronized void publish(LogRecord event) {
            super.publish(event);
            flush();
          }

          // The stream is the caller's, and goes on when another handler takes this one's place.
          @Override
          public synchronized void close() {
            flush();
          }
        };
    handler.setLevel(level);
    try {
      handler.setEncoding("UTF-8");
    } catch (java.io.UnsupportedEncodingException e) {
      throw new IllegalStateException("every JVM has UTF-8", e);
    }
    return handler;
  }
}
