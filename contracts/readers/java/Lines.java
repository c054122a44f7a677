import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A conversation on standard input and output: each line is answered by one, in their order, until the input ends. */
final class Lines {
  interface Answer {
    String to(String line);
  }

  static void answer(Answer answer) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    BufferedWriter out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    // What a library prints is no answer.
    System.setOut(new PrintStream(System.err, true));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.write(answer.to(line).replaceAll("[\r\n]+", " "));
      out.write('\n');
      // Many questions may be under way: answers go out together when no more of them wait.
      if (!in.ready()) out.flush();
    }
    out.flush();
  }

  private Lines() {}
}
