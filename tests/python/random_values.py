"""Random values for shapes of a botocore model: Python values for inputs, wire JSON for outputs."""

import base64
import datetime

TEXTS = ["", "a", "name-1", 'quote " backslash \\ newline \n tab \t', "\u0000\u001f\u007f", "grüße 漢字 🎉", "</script>", "  "]
MAX_DEPTH = 5


class Values:
    def __init__(self, rng):
        self.rng = rng

    def input(self, shape, depth=0):
        """Returns a value that botocore serializes."""
        make = getattr(self, f"_input_{shape.type_name}", None)
        if getattr(shape, "is_document_type", False):
            return self._document()
        return make(shape, depth) if make else self._scalar(shape)

    def _input_structure(self, shape, depth):
        return {name: self.input(shape.members[name], depth + 1) for name in self._chosen(shape, depth)}

    def _input_list(self, shape, depth):
        return [self.input(shape.member, depth + 1) for _ in range(self._size(depth))]

    def _input_map(self, shape, depth):
        return {self._key(shape, at): self.input(shape.value, depth + 1) for at in range(self._size(depth))}

    def _input_blob(self, shape, depth):
        return self._bytes()

    def _input_timestamp(self, shape, depth):
        # Whole seconds: botocore cuts off fractions where the wire form is a number.
        return self._time().replace(microsecond=0)

    def wire(self, shape, depth=0):
        """Returns JSON as a service might send it."""
        make = getattr(self, f"_wire_{shape.type_name}", None)
        if getattr(shape, "is_document_type", False):
            return self._document()
        return make(shape, depth) if make else self._scalar(shape)

    def _wire_structure(self, shape, depth):
        value = {name: self.wire(shape.members[name], depth + 1) for name in self._chosen(shape, depth)}
        if getattr(shape, "is_tagged_union", False):
            # Some services send these beside the one member that is set.
            others = [name for name in shape.members if name not in value]
            if others and self.rng.random() < 0.2:
                value[self.rng.choice(others)] = None
            return value
        if self.rng.random() < 0.2:
            value["memberOfTheFuture"] = self.rng.choice([None, 1, "text", {"a": [1, {}]}, [[]]])
        for name in shape.members:
            if name not in value and self.rng.random() < 0.2:
                value[name] = None
        return value

    def _wire_list(self, shape, depth):
        return [self.wire(shape.member, depth + 1) for _ in range(self._size(depth))]

    def _wire_map(self, shape, depth):
        return {self._key(shape, at): self.wire(shape.value, depth + 1) for at in range(self._size(depth))}

    def _wire_blob(self, shape, depth):
        return base64.b64encode(self._bytes()).decode()

    def _wire_timestamp(self, shape, depth):
        time = self._time()
        format = self.rng.choice(["number", "fraction", "iso8601", "rfc822"])
        if format == "number":
            return int(time.timestamp())
        if format == "fraction":
            return int(time.timestamp()) + self.rng.choice([0.25, 0.5, 0.125])
        if format == "iso8601":
            return time.strftime("%Y-%m-%dT%H:%M:%SZ")
        return time.strftime("%a, %d %b %Y %H:%M:%S GMT")

    def _wire_float(self, shape, depth):
        return self.rng.choice(["NaN", "Infinity", "-Infinity", self._scalar(shape)])

    _wire_double = _wire_float

    def _wire_integer(self, shape, depth):
        # Some services write integers with a fraction of zero.
        return self.rng.choice([float(self.rng.randrange(1000)), self._scalar(shape), self._scalar(shape)])

    _wire_long = _wire_integer

    def _scalar(self, shape):
        rng = self.rng
        if shape.type_name == "string":
            values = getattr(shape, "enum", None)
            return rng.choice(values + ["VALUE-OF-THE-FUTURE"]) if values else rng.choice(TEXTS)
        if shape.type_name == "boolean":
            return rng.random() < 0.5
        if shape.type_name == "integer":
            return rng.choice([0, 1, -1, 2**31 - 1, -(2**31), rng.randrange(1000)])
        if shape.type_name == "long":
            return rng.choice([0, -1, 2**63 - 1, -(2**63), 2**53 + 1, rng.randrange(10**12)])
        if shape.type_name in ("float", "double"):
            return rng.choice([0.0, 1.5, -0.25, 1e6, 3, round(rng.uniform(-1000, 1000), 2)])
        raise ValueError(f"no values for {shape.type_name}")

    def _chosen(self, shape, depth):
        """Chooses the members that are set: one of a union, else the required ones and some others."""
        if getattr(shape, "is_tagged_union", False):
            names = list(shape.members)
            flat = [name for name in names if shape.members[name].type_name not in ("structure", "list", "map")]
            return [self.rng.choice(flat if depth > MAX_DEPTH and flat else names)] if names else []
        chance = 0.7 if depth < MAX_DEPTH else 0.0
        required = set(shape.required_members)
        return [name for name in shape.members if name in required or self.rng.random() < chance]

    def _size(self, depth):
        return self.rng.choice([0, 1, 1, 2]) if depth < MAX_DEPTH else 0

    def _key(self, shape, at):
        values = getattr(shape.key, "enum", None)
        return values[at % len(values)] if values else f"{self.rng.choice(TEXTS)}{at}"

    def _bytes(self):
        return self.rng.choice([b"", b"hi", bytes(range(256)), b"\xff\x00"])

    def _time(self):
        return datetime.datetime.fromtimestamp(self.rng.randrange(-(10**9), 4 * 10**9), datetime.timezone.utc)

    def _document(self):
        return self.rng.choice([{}, [], "text", 1, -2.5, True, {"a": [1, None, {"b": "c"}]}])
