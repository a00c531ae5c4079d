#include "command.h"

#include <stdio.h>

int run_help(void)
{
	fputs(
		"laconic: lossless compression of LLM-written text with a language model\n"
		"\n"
		"usage: laconic [COMMAND] [OPTION]... [FILE]...\n"
		"\n"
		"  laconic FILE                  FILE -> FILE.lac (FILE is kept)\n"
		"  laconic -d FILE.lac           FILE.lac -> FILE\n"
		"  ... | laconic | ...           without FILE, or with -: standard input to standard output\n"
		"\n"
		"Commands\n"
		"  compress, -z                  the default\n"
		"  decompress, -d\n"
		"  test, -t                      decompress without writing\n"
		"  cat --record N FILE.lac       one record, counted from 0, without decoding the others; --range A-B: both included, --range A-: all from A on\n"
		"  list, -l                      sizes, ratio, tokens, records, index, model\n"
		"  models show [MODEL.gguf]      the embedded model, or a file\n"
		"\n"
		"Options\n"
		"  -o, --output FILE             write here\n"
		"  -c, --stdout                  write to standard output\n"
		"  -f, --force                   replace existing files\n"
		"  -k, --keep                    keep the source (always so)\n"
		"  -T, --threads N               threads (default: one a CPU); never changes the bytes\n"
		"      --verify                  compress: decode the archive with other kernels and compare, before it gets its name\n"
		"      --limit N[K|M|G]          decompress, test, cat: an error before a block with which the text would be longer\n"
		"  -q, --quiet   -v, --verbose\n"
		"      --records                 every line is a record, coded on its own; --no-index: single ones cannot be read, and it is a little smaller\n"
		"  -0, --null                    with --records: records end with NUL instead of a newline\n"
		"      --message                 compress, decompress: one text, nothing that tells the model or damage (FILE.lacm)\n"
		"      --block-size N[K|M]       bytes of text a block (default 64K, records 128K): larger is smaller and less parallel\n"
		"      --model MODEL.gguf        use this model; the same one is needed to decompress\n"
		"      --adapter ADAPTER.gguf    offer this low-rank adapter of the model too, as often as wanted: each block or record takes the\n"
		"                                best of them; the chosen ones are needed to decompress. list then shows their sizes\n"
		"      --kernels NAME            force an instruction set (laconic --version lists them); never changes the bytes\n"
		"      --memory N[K|M|G]         for texts in work and adapters (default 1G), beside the model; never changes the bytes\n"
		"      --batch N                 tokens evaluated together (for tests); never changes the bytes\n"
		"      --json                    list, models show: one JSON object a line\n"
		"  -h, --help    -V, --version\n"
		"\n"
		"Training (laconic train -o MODEL.gguf FILE..., laconic adapt --base MODEL.gguf -o ADAPTER.gguf FILE...)\n"
		"  FILE...                       texts, a document each; with --field, JSON lines\n"
		"      --field NAME              the member that holds the text (response)\n"
		"      --prompt-field NAME       the member that goes before it in --prompt-share P (0.5) of the documents\n"
		"      --response-only           prompts are read but not learnt\n"
		"      --validate FILE           measured every --validation-steps N, and at the end\n"
		"      --steps N, --epochs N     how long (one epoch); --batch ROWS (16) of --context N tokens (512, or the model's)\n"
		"      --rate X --warmup N --decay linear|cosine|none --decay-share P --clip X --weight-decay X --optimizer muon|adamw\n"
		"      --checkpoint FILE         kept every --checkpoint-steps N (100) and on an interrupt; --resume goes on from it\n"
		"      --log FILE                JSON lines; --seed N; -T N; -q; -f\n"
		"  train: --dim --ffn --layers --heads --kv-heads --head-dim --vocabulary N, --untied, --type f16|f32|q8_0,\n"
		"      --tokenizer MODEL         take its tokenizer; --init MODEL goes on from its weights too\n"
		"  adapt: --rank N (16) --alpha X (32) --targets attn_q,ffn_down,... (all)\n"
		"      --import DIR              no training: write a PEFT adapter in llama.cpp's layout\n"
		"\n"
		"Clusters (laconic cluster --clusters N -o FOLDER FILE..., laconic cluster --assign FOLDER FILE...)\n"
		"  FILE...                       texts as above; FOLDER/000/texts.jsonl, ... get their lines (without --field: files, names)\n"
		"      --embedding ngrams|states compare runs of four bytes (default), or the states of --model MODEL.gguf (the embedded model)\n"
		"      --assign FOLDER           print the nearest cluster of each text, or with -o write folders\n"
		"      --restarts N (4) --seed N -T N -q\n"
		"\n"
		"Exit status: 0 done, 1 error, 2 some file was skipped.\n", stdout);
	return EXIT_OK;
}

int run_version(void)
{
	printf("laconic %s\nkernels:", lac_version());
	for (unsigned i = 0; lac_kernels_name(i); i++)
		printf(" %s", lac_kernels_name(i));
#ifdef WITH_TRAINING
	printf("\ntraining: with OpenBLAS and jansson\n");
#else
	printf("\ntraining: no, built without " TRAINING_LACKS "\n");
#endif
	return EXIT_OK;
}
