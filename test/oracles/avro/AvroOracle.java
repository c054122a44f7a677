import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * Answers questions about schemas, one a line, in their order, until its input ends.
 *
 * <p>{@code schema}: ACCEPTED, or REFUSED with Avro's message. {@code writer<TAB>reader}: COMPATIBLE; INCOMPATIBLE with
 * Avro's types of incompatibility; REFUSED where one of them is no schema; FAILED where the check itself gave up.
 */
public final class AvroOracle {
  public static void main(String[] arguments) throws Exception {
    Lines.answer(line -> answer(line.split("\t")));
  }

  private static String answer(String[] texts) {
    Schema writer;
    Schema reader;
    try {
      writer = new Schema.Parser().parse(texts[0]);
      if (texts.length == 1) return "ACCEPTED";
      reader = new Schema.Parser().parse(texts[1]);
    } catch (RuntimeException | StackOverflowError refusal) {
      return "REFUSED " + refusal.getMessage();
    }
    try {
      SchemaCompatibility.SchemaCompatibilityResult result =
          SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
      if (result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE) return "COMPATIBLE";
      return "INCOMPATIBLE "
          + result.getIncompatibilities().stream().map(found -> found.getType().name()).distinct().sorted()
              .collect(Collectors.joining(" "));
    } catch (RuntimeException | StackOverflowError failure) {
      return "FAILED " + failure.getMessage();
    }
  }

  private AvroOracle() {}
}
