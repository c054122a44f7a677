import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Trino as Athena runs it: one catalogue, called {@code awsdatacatalog}, of tables and views that Glue keeps and of objects
 * in S3. It plans and runs a query in this process, without a server. The arguments are the catalogue's settings,
 * {@code name=value}; each line of the input is a query in JSON, {@code {"sql": text}}, and is answered by
 * {@code {"types": [type, ...], "rows": [[text or null, ...], ...]}} or {@code {"error": message}}.
 *
 * <p>The classes of Trino are made for Java 25, and a compiler of Java 17 cannot read them: so all is called by reflection.
 */
public final class AthenaSql {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = new HashMap<>();
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      settings.put(parts[0], parts[1]);
    }
    // It takes standard output for its logs, once that was taken for the answers.
    Lines.answer(line -> answer(settings, line));
    // Its threads would keep the process.
    System.exit(0);
  }

  private static Object engine;

  private static Object engine(Map<String, String> settings) throws ReflectiveOperationException {
    if (engine != null) return engine;
    // Its time zone is none of Greenwich's: a view that depends on it is found out.
    Object builder = make("io.trino.testing.TestingSession", "testSessionBuilder");
    Object session = call(call(builder, "setCatalog", "awsdatacatalog"), "build");
    Object started = make("io.trino.testing.PlanTester", "create", session);
    call(started, "installPlugin", Class.forName("io.trino.plugin.hive.HivePlugin").getConstructor().newInstance());
    call(started, "createCatalog", "awsdatacatalog", "hive", settings);
    engine = started;
    return engine;
  }

  private static String answer(Map<String, String> settings, String line) {
    try {
      Object engine = engine(settings);
      String sql = MAPPER.readTree(line).get("sql").textValue();
      Function<Object, Object> plan = session -> call(engine, "createPlan", session, sql);
      Object output =
          Class.forName("io.trino.testing.PlanTester$MaterializedResultOutput").getConstructor().newInstance();
      return MAPPER.writeValueAsString(told(call(engine, "executePlan", plan, output)));
    } catch (Failed failure) {
      return JSON.objectNode().put("error", failure.getCause().toString()).toString();
    } catch (JsonProcessingException | ReflectiveOperationException failure) {
      return JSON.objectNode().put("error", failure.toString()).toString();
    }
  }

  private static ObjectNode told(Object result) {
    ObjectNode told = JSON.objectNode();
    ArrayNode types = told.putArray("types");
    for (Object type : (List<?>) call(result, "getTypes")) types.add((String) call(type, "getDisplayName"));
    ArrayNode rows = told.putArray("rows");
    for (Object row : (List<?>) call(result, "getMaterializedRows")) {
      ArrayNode cells = rows.addArray();
      for (Object value : (List<?>) call(row, "getFields")) cells.add(text(value));
    }
    return told;
  }

  private static String text(Object value) {
    if (value == null) return null;
    if (value.getClass().getSimpleName().equals("SqlVarbinary"))
      return Base64.getEncoder().encodeToString((byte[]) call(value, "getBytes"));
    return value.toString();
  }

  /** What the called method threw. */
  private static final class Failed extends RuntimeException {
    Failed(Throwable cause) {
      super(cause);
    }
  }

  private static Object call(Object target, String name, Object... arguments) {
    return invoke(target.getClass(), target, name, arguments);
  }

  private static Object make(String type, String name, Object... arguments) throws ClassNotFoundException {
    return invoke(Class.forName(type), null, name, arguments);
  }

  /** Calls the public method of a name that takes these arguments. */
  private static Object invoke(Class<?> type, Object target, String name, Object[] arguments) {
    for (Method method : type.getMethods()) {
      if (!method.getName().equals(name) || !takes(method.getParameterTypes(), arguments)) continue;
      try {
        // What it belongs to may be public by its interface only.
        method.setAccessible(true);
        return method.invoke(target, arguments);
      } catch (InvocationTargetException thrown) {
        throw new Failed(thrown.getCause());
      } catch (ReflectiveOperationException refused) {
        throw new Failed(refused);
      }
    }
    throw new Failed(new NoSuchMethodException(type.getName() + "." + name));
  }

  private static boolean takes(Class<?>[] types, Object[] arguments) {
    if (types.length != arguments.length) return false;
    for (int index = 0; index < types.length; index += 1) if (!types[index].isInstance(arguments[index])) return false;
    return true;
  }

  private AthenaSql() {}
}
