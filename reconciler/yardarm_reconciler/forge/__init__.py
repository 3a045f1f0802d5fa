"""Where pull requests are talked about: GitHub and GitLab, as far as one comment needs them."""
