// Judges objects of Kubernetes by kstatus, which Flux and others read them with. It knows nothing of Joinery.
package main

import (
	"encoding/json"
	"log"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// judged is what kstatus says of an object.
type judged struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func main() {
	var objects []json.RawMessage
	if err := json.NewDecoder(os.Stdin).Decode(&objects); err != nil {
		log.Fatal(err)
	}
	answers := make([]judged, 0, len(objects))
	for _, object := range objects {
		var read unstructured.Unstructured
		if err := read.UnmarshalJSON(object); err != nil {
			log.Fatal(err)
		}
		result, err := status.Compute(&read)
		if err != nil {
			log.Fatal(err)
		}
		answers = append(answers, judged{string(result.Status), result.Message})
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}
