package io.denim.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Programs of this machine with all that they need to run elsewhere. */
final class MachinePrograms {
  private MachinePrograms() {}

  /**
   * The libraries and loaders that programs need, by the path at which they find them. Libraries
   * are looked for in the loader's own folder, where Debian has all of them.
   *
   * @throws LabException naming the program and what is not there
   */
  static SortedMap<String, Path> libraries(Collection<Path> programs) {
    var found = new TreeMap<String, Path>();
    for (Path program : programs) {
      Optional<String> interpreter = read(program).interpreter();
      if (interpreter.isPresent()) {
        try {
          Path loader = Path.of(interpreter.get()).toRealPath();
          found.put(interpreter.get(), loader);
          addLibraries(program, loader, found);
        } catch (IOException e) {
          throw new LabException(
              program + " cannot run here: its loader " + interpreter.get() + " is missing", e);
        }
      }
    }
    return found;
  }

  private static void addLibraries(Path program, Path loader, SortedMap<String, Path> found) {
    Deque<Path> open = new ArrayDeque<>();
    open.add(program);
    while (!open.isEmpty()) {
      Path each = open.remove();
      for (String name : read(each).needed()) {
        Path library = loader.resolveSibling(name);
        if (!Files.exists(library)) {
          throw new LabException(
              each + " needs the library " + name + ", which is not in " + loader.getParent());
        }
        if (!library.equals(loader) && found.put(library.toString(), library) == null) {
          open.add(library);
        }
      }
    }
  }

  private static Elf read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      return Elf.parse(content);
    } catch (IOException e) {
      throw new LabException("cannot read the program " + file, e);
    } catch (LabException e) {
      throw new LabException("cannot tell what " + file + " needs: " + e.getMessage(), e);
    }
  }
}
