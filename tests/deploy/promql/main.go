// Parses PromQL as Prometheus does: a JSON list of expressions in, for each the series and labels that it names out.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Selected is one selector: a series, the labels that it is chosen by, and those that what is around it keeps.
type Selected struct {
	Series string   `json:"series"`
	Labels []string `json:"labels"`
}

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		fail(err)
	}
	answers := make([][]Selected, 0, len(texts))
	for _, text := range texts {
		expression, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		if err != nil {
			fail(fmt.Errorf("%s: %w", text, err))
		}
		answers = append(answers, selected(expression))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fail(err)
	}
}

func selected(expression parser.Expr) []Selected {
	found := []Selected{}
	parser.Inspect(expression, func(node parser.Node, path []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		one := Selected{Series: selector.Name, Labels: []string{}}
		for _, matcher := range selector.LabelMatchers {
			if matcher.Name != labels.MetricName {
				one.Labels = append(one.Labels, matcher.Name)
			}
		}
		for _, around := range path {
			if aggregate, ok := around.(*parser.AggregateExpr); ok {
				one.Labels = append(one.Labels, aggregate.Grouping...)
			}
		}
		found = append(found, one)
		return nil
	})
	return found
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
