Pull-through distributions cache other registries: the first pull fetches and keeps an image, later ones are answered from here, and upstream may be down.
