// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// field is a line in a table of fields.
type field struct{ Path, Type, Default, Rules, Description string }

// fields lists what is below an object, required fields first, a parent before its children; but not the children
// of the field apart, which has a table of its own.
func fields(object apiextensionsv1.JSONSchemaProps, path, apart string) []field {
	required := func(name string) bool { return slices.Contains(object.Required, name) }
	optional := slices.DeleteFunc(slices.Sorted(maps.Keys(object.Properties)), required)
	var found []field
	for _, name := range slices.Concat(object.Required, optional) {
		schema, path := object.Properties[name], path+name
		rules := strings.Join(rulesOf(schema), "<br>")
		found = append(found, field{path, typeOf(schema), defaultOf(schema, required(name)), rules, schema.Description})
		if path == apart {
			continue
		}
		found = append(found, fields(schema, path+".", apart)...)
		if schema.Items != nil {
			found = append(found, fields(*schema.Items.Schema, path+"[].", apart)...)
		}
	}
	return found
}

func typeOf(schema apiextensionsv1.JSONSchemaProps) string {
	if schema.Items != nil {
		return "list of " + typeOf(*schema.Items.Schema) + "s"
	}
	if schema.Format == "date-time" {
		return "time"
	}
	return schema.Type
}

func defaultOf(schema apiextensionsv1.JSONSchemaProps, required bool) string {
	switch {
	case required:
		return "**required**"
	case schema.Default == nil:
		return ""
	case string(schema.Default.Raw) == "{}":
		return "its fields' defaults"
	}
	return "`" + plain(*schema.Default) + "`"
}

// rulesOf says in words what the API server accepts. A sentence of the schema's own stands for the pattern beside it.
func rulesOf(schema apiextensionsv1.JSONSchemaProps) []string {
	rules := boundsOf(schema)
	if list := schema.XListType; list != nil && *list == "set" {
		rules = append(rules, "none twice")
	}
	if schema.Items != nil {
		for _, rule := range rulesOf(*schema.Items.Schema) {
			rules = append(rules, "each "+rule)
		}
	}
	if schema.Pattern != "" && schema.XValidations == nil {
		rules = append(rules, "must match `"+schema.Pattern+"`")
	}
	for _, rule := range schema.XValidations {
		rules = append(rules, cmp.Or(rule.Message, "must satisfy `"+rule.Rule+"`"))
	}
	return rules
}

func boundsOf(schema apiextensionsv1.JSONSchemaProps) []string {
	if schema.Enum != nil {
		var values []string
		for _, value := range schema.Enum {
			values = append(values, plain(value))
		}
		return []string{"one of " + strings.Join(values, ", ")}
	}
	return slices.DeleteFunc([]string{
		limit("at least %v", schema.Minimum),
		limit("at most %v", schema.Maximum),
		limit("at least %v characters", schema.MinLength),
		limit("at most %v characters", schema.MaxLength),
		limit("at least %v in the list", schema.MinItems),
		limit("at most %v in the list", schema.MaxItems),
		limit("at least %v of its fields", schema.MinProperties),
	}, func(bound string) bool { return bound == "" })
}

func limit[N int64 | float64](words string, bound *N) string {
	if bound == nil {
		return ""
	}
	return fmt.Sprintf(words, *bound)
}

func plain(value apiextensionsv1.JSON) string {
	return strings.Trim(string(value.Raw), `"`)
}
