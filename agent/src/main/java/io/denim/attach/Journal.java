package io.denim.attach;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The DELs that came while no agent answered. {@code denim-cni} tells the runtime that they
 * succeeded and writes each into a file, whose name is the container's id, a colon and the
 * interface's name, and whose content is the request.
 */
final class Journal {
  private final Path folder;

  Journal(Path folder) {
    this.folder = folder;
  }

  /** Whose DELs wait. */
  List<Attachment.Key> waiting() {
    List<Attachment.Key> keys = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        int colon = name.indexOf(':');
        if (!name.startsWith(".") && colon > 0 && colon < name.length() - 1) {
          keys.add(new Attachment.Key(name.substring(0, colon), name.substring(colon + 1)));
        }
      }
    } catch (NoSuchFileException e) {
      // No DEL has ever waited.
    } catch (IOException e) {
      throw new AttachmentException("cannot list the journal " + folder + ": " + e, e);
    }
    return keys;
  }

  /** Whether a DEL of this attachment waits. */
  boolean holds(Attachment.Key key) {
    return Files.exists(file(key));
  }

  /** The request that waits; empty when there is none. */
  Optional<byte[]> request(Attachment.Key key) {
    try {
      return Optional.of(Files.readAllBytes(file(key)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new AttachmentException("cannot read " + file(key) + ": " + e, e);
    }
  }

  /** Takes note that what waited has been done. */
  void done(Attachment.Key key) {
    try {
      Files.deleteIfExists(file(key));
    } catch (IOException e) {
      throw new AttachmentException("cannot remove " + file(key) + ": " + e, e);
    }
  }

  private Path file(Attachment.Key key) {
    return folder.resolve(key.container() + ":" + key.ifname());
  }
}
