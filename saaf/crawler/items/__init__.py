"""What a spider yields, on its way to feeds: clean documents as rows, and other items beside them."""
